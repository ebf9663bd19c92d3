/** Questions of MCP servers, and of codexd about their tools: both are `mcpServer/elicitation/request`. */
import type { ServerRequestParams } from '../../../../schema/registry.js';
import { formOfSchema } from './question-form.js';
import { facts, NOTHING, type Choice, type QuestionView } from './question-parts.js';

type Params = ServerRequestParams<'mcpServer/elicitation/request'>;
type FormParams = Extract<Params, { mode: 'form' }>;

const REFUSALS: readonly Choice[] = [
  { key: 'd', label: 'Decline', tone: 'deny', result: { action: 'decline', content: null }, rule: null },
  { key: 'x', label: 'Cancel', tone: 'deny', result: { action: 'cancel', content: null }, rule: null },
];

export function elicitationView(params: Params): QuestionView {
  const shared = {
    ...NOTHING,
    title: 'Answer an MCP server',
    summary: `The MCP server ${params.serverName} asks`,
    facts: facts(['MCP server', params.serverName], ['Address', params.mode === 'url' ? params.url : null]),
  };
  if (params.mode === 'form') {
    const tool = toolOf(params);
    if (tool !== null) return toolView(params, tool);
    const isEmpty = Object.keys(params.requestedSchema.properties).length === 0;
    return {
      ...shared,
      reason: params.message,
      form: isEmpty ? null : formOfSchema(params.requestedSchema),
      choices: isEmpty ? [{ ...ONCE, label: 'Accept' }, ...REFUSALS] : REFUSALS,
    };
  }
  if (params.mode === 'url') {
    const accept = { action: 'accept', content: null };
    return {
      ...shared,
      reason: params.message,
      choices: [{ key: 'a', label: 'I opened it', tone: 'allow', result: accept, rule: null }, ...REFUSALS],
    };
  }
  return {
    ...shared,
    reason: 'This kind of form can be answered in the program that is connected only.',
    choices: REFUSALS,
  };
}

const accept = (persist: 'session' | 'always' | null): Choice['result'] => ({
  action: 'accept',
  content: {},
  _meta: persist === null ? null : { persist },
});
const ONCE: Choice = { key: 'a', label: 'Allow once', tone: 'allow', result: accept(null), rule: null };

interface Tool {
  readonly name: string;
  readonly about: string | null;
  /** Of the call, as JSON. */
  readonly args: string | null;
  readonly persist: readonly unknown[];
}

/** The call that codexd asks about. Null: the question is the server's own. */
function toolOf({ _meta: meta }: FormParams): Tool | null {
  if (!isRecord(meta) || meta.codex_approval_kind !== 'mcp_tool_call') return null;
  const { tool_name: name, tool_description: about, tool_params: args, persist } = meta;
  return {
    name: typeof name === 'string' ? name : 'a tool',
    about: typeof about === 'string' ? about : null,
    args: args === undefined ? null : JSON.stringify(args, null, 2),
    persist: Array.isArray(persist) ? persist : [persist],
  };
}

function toolView({ serverName: server, message }: FormParams, tool: Tool): QuestionView {
  const rule = { kind: 'tool', server, tool: tool.name } as const;
  return {
    ...NOTHING,
    title: 'Call a tool of an MCP server',
    summary: `A thread asks to call ${tool.name} of ${server}`,
    reason: message,
    facts: facts(['MCP server', server], ['Tool', tool.name], ['Arguments', tool.args], ['About it', tool.about]),
    choices: [
      ONCE,
      ...(tool.persist.includes('session')
        ? [{ key: 's', label: 'Allow for the session', tone: 'plain' as const, result: accept('session'), rule: null }]
        : []),
      ...(tool.persist.includes('always')
        ? [{ key: 'r', label: 'Always allow this tool …', tone: 'plain' as const, result: accept('always'), rule }]
        : []),
      ...REFUSALS,
    ],
  };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
