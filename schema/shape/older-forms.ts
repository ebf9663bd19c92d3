/**
 * Converts forms of earlier clients to today's forms. Plain functions: schema/shape/explain.ts runs them in the daemon.
 */

type Json = Record<string, unknown>;
const isMap = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The form of a list of tools. `mixed` is refused (schema/protocol/threads/dynamic-tools.ts has the two forms). */
export function formOfDynamicTools(tools: readonly unknown[]): 'today' | 'older' | 'mixed' {
  const typed = tools.map(isTyped);
  if (typed.every((form) => form === true)) return 'today';
  return typed.every((form) => form === false) ? 'older' : 'mixed';
}

/**
 * Converts decoded tools of the older form to today's form. The tools of a namespace become one entry at the place of
 * the first one.
 */
export function dynamicToolsOfToday(tools: readonly Json[]): Json[] {
  const result: Json[] = [];
  const namespaces = new Map<unknown, Json[]>();
  for (const { namespace, name, description, inputSchema, deferLoading, exposeToContext } of tools) {
    const tool = {
      type: 'function',
      name,
      description,
      inputSchema,
      deferLoading: deferLoading ?? exposeToContext === false,
    };
    const members = namespaces.get(namespace);
    if (namespace === null) result.push(tool);
    else if (members !== undefined) members.push(tool);
    else {
      const first = [tool];
      namespaces.set(namespace, first);
      result.push({ type: 'namespace', name: namespace, description: '', tools: first });
    }
  }
  return result;
}

/** Whether a tool and its inner tools have a type. `null` when only some of them do. */
function isTyped(tool: unknown): boolean | null {
  if (!isMap(tool) || !Object.hasOwn(tool, 'type')) return false;
  const { tools } = tool;
  return !Array.isArray(tools) || tools.every((inner) => isMap(inner) && Object.hasOwn(inner, 'type')) ? true : null;
}
