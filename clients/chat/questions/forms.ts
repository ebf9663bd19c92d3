/**
 * Questions with fields: those of the model's tool, and those of MCP servers.
 *
 * Threat: a server pretends to be codexd, or lets a person open an address. Rule: the question names the server, an
 * address is only shown, and a mode that the chat does not know is declined, with a line that says so.
 */
import type { ServerRequestAnswer, ServerRequestParams } from '../../../schema/registry.js';
import { fieldOf, toolField } from './fields.js';
import type { Choice, Fact, Field, Question } from './question.js';

export type InputParams = ServerRequestParams<'item/tool/requestUserInput'>;
type InputAnswer = ServerRequestAnswer<'item/tool/requestUserInput'>;

export function inputQuestion({ questions }: InputParams): Question<InputAnswer> {
  const fields = questions.map(({ id, header, question, options, isOther, isSecret }): Field => {
    const listed = (options ?? []).map(({ label, description }) => ({ label, text: description, value: label }));
    const choices = listed.length === 0 ? null : listed;
    const open = choices === null || isOther;
    return toolField({ id, title: header, text: question, options: choices, open, secret: isSecret });
  });
  return {
    title: questions.length === 1 ? 'The model has a question' : 'The model has questions',
    facts: questions.map(({ header, question }) => ({ label: header, text: question })),
    itemId: null,
    choices: [
      {
        key: 'y',
        label: 'Answer',
        fills: true,
        answer: (values) => ({
          answers: Object.fromEntries(Object.entries(values).map(([id, value]) => [id, { answers: [String(value)] }])),
        }),
      },
      { key: 'n', label: 'Do not answer', refuses: true, answer: () => ({ answers: {} }) },
    ],
    fields,
  };
}

export type ElicitationParams = ServerRequestParams<'mcpServer/elicitation/request'>;
type ElicitationAnswer = ServerRequestAnswer<'mcpServer/elicitation/request'>;

const refusal = (action: 'decline' | 'cancel'): ElicitationAnswer => ({ action, content: null, _meta: null });

/** Null: a mode that the chat cannot ask; decline it. */
export function serverQuestion(params: ElicitationParams): Question<ElicitationAnswer> | null {
  const server = { label: 'MCP server', text: params.serverName };
  if (params.mode === 'url') {
    return {
      title: 'An MCP server asks you to open an address',
      facts: [server, { label: 'it says', text: params.message }, { label: 'address', text: params.url }],
      itemId: null,
      choices: [
        {
          key: 'y',
          label: 'Yes: I open this address myself',
          answer: () => ({ ...refusal('decline'), action: 'accept' }),
        },
        ...refusals,
      ],
      fields: [],
    };
  }
  if (params.mode !== 'form') return null;
  const meta = isRecord(params._meta) ? params._meta : {};
  const fields = Object.entries(params.requestedSchema.properties).map(([id, schema]) =>
    fieldOf(id, schema, params.requestedSchema.required?.includes(id) ?? false),
  );
  const isTool = meta['codex_approval_kind'] === 'mcp_tool_call';
  const accept = (content: unknown, persist?: string): ElicitationAnswer => ({
    action: 'accept',
    content,
    _meta: persist === undefined ? null : { persist },
  });
  return {
    title: isTool ? 'Call this tool of an MCP server?' : 'An MCP server has a question',
    facts: [server, ...toolFacts(meta), { label: 'it says', text: params.message }],
    itemId: null,
    choices: [
      fields.length > 0
        ? { key: 'y', label: 'Answer', fills: true, answer: (values) => accept(values) }
        : { key: 'y', label: isTool ? 'Yes, this once' : 'Yes', answer: () => accept({}) },
      ...persistent(meta['persist'], accept),
      ...refusals,
    ],
    fields,
  };
}

const refusals: readonly Choice<ElicitationAnswer>[] = [
  { key: 'n', label: 'No', answer: () => refusal('decline') },
  { key: 'c', label: 'Cancel', refuses: true, answer: () => refusal('cancel') },
];

function persistent(
  offered: unknown,
  accept: (content: unknown, persist: string) => ElicitationAnswer,
): Choice<ElicitationAnswer>[] {
  const words = Array.isArray(offered) ? offered : [offered];
  return [
    ...(words.includes('session')
      ? [{ key: 's', label: 'Yes, for this session', answer: () => accept({}, 'session') }]
      : []),
    ...(words.includes('always')
      ? [{ key: 'a', label: 'Always: write this tool into the configuration', answer: () => accept({}, 'always') }]
      : []),
  ];
}

function toolFacts(meta: Readonly<Record<string, unknown>>): Fact[] {
  if (meta['codex_approval_kind'] !== 'mcp_tool_call') return [];
  const { tool_name: name, tool_description: about, tool_params: params } = meta;
  return [
    ...(typeof name === 'string' ? [{ label: 'tool', text: name }] : []),
    ...(isRecord(params) ? [{ label: 'arguments', text: JSON.stringify(params, null, 1) }] : []),
    ...(typeof about === 'string' ? [{ label: 'about it', text: about }] : []),
  ];
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
