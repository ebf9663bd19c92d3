/** Converts tools to Chat Completions, which has only functions with flat names. */
import type { ToolDefinition } from '../provider/model-provider.js';
import { distinctNames } from '../../../system/node/distinct-names.js';
import type { HistoryItemOf } from '../../store/records/history-item.js';

/** A call of the model, to a function or a free-form tool. */
type Call = HistoryItemOf<'function_call' | 'custom_tool_call'>;

export interface ChatTools {
  readonly definitions: readonly object[];
  /** The flat name of a call in the history. */
  nameOf(item: Call): string;
  /** The tool of this flat name takes a text instead of arguments. */
  isFreeForm(name: string): boolean;
  /** A call of the model as an item of the history. */
  callItem(call: { readonly id: string; readonly name: string; readonly arguments: string }): Call;
}

/** The only parameter of a free-form tool. */
const FREE_FORM = {
  type: 'object',
  properties: { input: { type: 'string' } },
  required: ['input'],
  additionalProperties: false,
} as const;

/** Endpoints of Chat Completions take no longer names of functions. */
const MAX_NAME = 64;

export function chatTools(tools: readonly ToolDefinition[]): ChatTools {
  const all = tools.flatMap(flattened);
  const names = flatNames(all.map(({ key }) => key));
  const nameOf = (key: string): string => names.get(key) ?? flatNames([key]).get(key) ?? key;
  const byName = new Map(all.map((tool) => [nameOf(tool.key), tool]));
  return {
    definitions: all.map(({ key, definition: { description, parameters, type } }) => ({
      type: 'function',
      function: { name: nameOf(key), description, parameters: type === 'custom' ? FREE_FORM : parameters },
    })),
    nameOf: ({ namespace, name }) => nameOf(keyOf(typeof namespace === 'string' ? namespace : null, String(name))),
    isFreeForm: (name) => byName.get(name)?.definition.type === 'custom',
    callItem({ id, name: flat, arguments: input }) {
      const { namespace = null, name = flat, definition } = byName.get(flat) ?? {};
      if (definition?.type === 'custom')
        return { type: 'custom_tool_call', call_id: id, name, input: freeFormInput(input) };
      return {
        type: 'function_call',
        call_id: id,
        ...(namespace === null ? {} : { namespace }),
        name,
        arguments: input,
      };
    },
  };
}

interface FlatTool {
  readonly namespace: string | null;
  readonly name: string;
  readonly key: string;
  readonly definition: ToolDefinition;
}

/** The functions of a tool. None for what the endpoint itself would run (web_search): Chat Completions lacks it. */
function flattened(tool: ToolDefinition): readonly FlatTool[] {
  const one = (namespace: string | null, definition: ToolDefinition): FlatTool => {
    const name = String(definition.name);
    return { namespace, name, key: keyOf(namespace, name), definition };
  };
  if (tool.type === 'function' || tool.type === 'custom') return [one(null, tool)];
  if (tool.type !== 'namespace') return [];
  return (tool.tools as readonly ToolDefinition[]).map((inner) => one(String(tool.name), inner));
}

/** A namespace and a name as one key. Neither contains the separator. */
const keyOf = (namespace: string | null, name: string): string => (namespace === null ? name : `${namespace}\0${name}`);

const flatNames = (keys: readonly string[]): ReadonlyMap<string, string> =>
  distinctNames(keys, (key) => key.replace('\0', '__'), MAX_NAME);

/** A model that does not follow the schema has probably written the input itself. */
function freeFormInput(text: string): string {
  try {
    const { input } = JSON.parse(text) as { input?: unknown };
    return typeof input === 'string' ? input : text;
  } catch {
    return text;
  }
}
