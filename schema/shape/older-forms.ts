/**
 * Forms that earlier clients wrote, and what they are today. Plain functions: schema/shape/explain.ts runs them in the
 * daemon.
 */

type Json = Record<string, unknown>;
const isMap = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Which form a list of tools is in; `mixed` is refused (schema/protocol/threads/dynamic-tools.ts has the two forms).
 */
export function formOfDynamicTools(tools: readonly unknown[]): 'today' | 'older' | 'mixed' {
  const typed = tools.map(isTyped);
  if (typed.every((form) => form === true)) return 'today';
  return typed.every((form) => form === false) ? 'older' : 'mixed';
}

/**
 * Tools in the older form, already read, in today's: those of one namespace become one entry, at the first one's place.
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

/** Whether a tool says its type, itself and the tools in it; `null` when only one of the two does. */
function isTyped(tool: unknown): boolean | null {
  if (!isMap(tool) || !Object.hasOwn(tool, 'type')) return false;
  const { tools } = tool;
  return !Array.isArray(tools) || tools.every((inner) => isMap(inner) && Object.hasOwn(inner, 'type')) ? true : null;
}
