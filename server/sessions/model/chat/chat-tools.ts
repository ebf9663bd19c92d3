/** Converts tools to Chat Completions, which has only functions with flat names. */
import type { ToolDefinition } from '../provider/model-provider.js';
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

export function chatTools(tools: readonly ToolDefinition[]): ChatTools {
  const definitions: object[] = [];
  const namespaced = new Map<string, { namespace: string; name: string }>();
  const freeForm = new Set<string>();
  const add = (tool: ToolDefinition, name: string): void => {
    const { description, parameters, type } = tool;
    if (type === 'custom') freeForm.add(name);
    const takes = type === 'custom' ? FREE_FORM : parameters;
    definitions.push({ type: 'function', function: { name, description, parameters: takes } });
  };
  for (const tool of tools) {
    if (tool.type === 'function' || tool.type === 'custom') add(tool, String(tool.name));
    if (tool.type !== 'namespace') continue; // not supported: tools that the endpoint runs (web_search)
    for (const inner of tool.tools as readonly ToolDefinition[]) {
      const flat = `${String(tool.name)}__${String(inner.name)}`;
      namespaced.set(flat, { namespace: String(tool.name), name: String(inner.name) });
      add(inner, flat);
    }
  }
  return {
    definitions,
    nameOf: ({ namespace, name }) => (typeof namespace === 'string' ? `${namespace}__${String(name)}` : String(name)),
    isFreeForm: (name) => freeForm.has(name),
    callItem({ id, name, arguments: input }) {
      if (freeForm.has(name)) return { type: 'custom_tool_call', call_id: id, name, input: freeFormInput(input) };
      const inner = namespaced.get(name);
      return { type: 'function_call', call_id: id, ...(inner ?? { name }), arguments: input };
    },
  };
}

/** A model that does not follow the schema has probably written the input itself. */
function freeFormInput(text: string): string {
  try {
    const { input } = JSON.parse(text) as { input?: unknown };
    return typeof input === 'string' ? input : text;
  } catch {
    return text;
  }
}
