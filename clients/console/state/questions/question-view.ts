/** What a question shows, and the answers that it offers, whichever request of the protocol it is. */
import type { ServerRequestParams } from '../../../../schema/registry.js';
import { commandLine } from '../../text/format.js';
import { formOfInput, formOfSchema, type Form } from './question-form.js';
import type { Prompt } from './prompt.js';

type CommandParams = ServerRequestParams<'item/commandExecution/requestApproval'>;
type CommandDecision = NonNullable<CommandParams['availableDecisions']>[number];
type NetworkParams = ServerRequestParams<'network/requestApproval'>;
type NetworkDecision = NetworkParams['availableDecisions'][number];
type Change = Extract<NonNullable<Prompt['item']>, { type: 'fileChange' }>['changes'][number];

/** A rule that an answer writes: shown before it is sent. */
export type Rule =
  | { readonly kind: 'network'; readonly host: string; readonly action: 'allow' | 'deny' }
  | { readonly kind: 'command'; readonly prefix: readonly string[] };

export interface Choice {
  /** The key that chooses it, while the question has the focus. */
  readonly key: string;
  readonly label: string;
  readonly tone: 'allow' | 'deny' | 'plain';
  readonly result: unknown;
  readonly rule: Rule | null;
}

export interface QuestionView {
  readonly title: string;
  /** One line for a screen reader and the settled list. */
  readonly summary: string;
  readonly command: string | null;
  /** The item of the command that asks, where the question has no command of its own. */
  readonly commandItemId: string | null;
  readonly target: { readonly host: string; readonly port: number | null; readonly protocol: string } | null;
  readonly reason: string | null;
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  /** Null: not about files. Empty: not known, `changesFailure` says why, or not yet. */
  readonly changes: readonly Change[] | null;
  readonly changesFailure: string | null;
  readonly form: Form | null;
  readonly choices: readonly Choice[];
  /** Milliseconds since the epoch: when the server continues without an answer. */
  readonly deadlineMs: number | null;
}

const NOTHING = {
  command: null,
  commandItemId: null,
  target: null,
  reason: null,
  facts: [],
  changes: null,
  changesFailure: null,
  form: null,
  deadlineMs: null,
};

/** The params have the shape of their method: the server checked them against the schema. */
export function viewOf(prompt: Prompt): QuestionView {
  switch (prompt.method) {
    case 'item/commandExecution/requestApproval':
      return commandView(prompt.params as CommandParams);
    case 'network/requestApproval':
      return networkView(prompt.params as NetworkParams);
    case 'item/fileChange/requestApproval':
      return changeView(prompt);
    case 'item/permissions/requestApproval':
      return permissionsView(prompt.params as ServerRequestParams<'item/permissions/requestApproval'>);
    case 'item/tool/requestUserInput':
      return inputView(prompt);
    case 'mcpServer/elicitation/request':
      return elicitationView(prompt.params as ServerRequestParams<'mcpServer/elicitation/request'>);
    default:
      return {
        ...NOTHING,
        title: 'A question for another program',
        summary: prompt.method,
        reason: 'This request is for the program that is connected; a person cannot answer it.',
        facts: [
          { label: 'Method', value: prompt.method },
          { label: 'Params', value: JSON.stringify(prompt.params, null, 2) },
        ],
        choices: [],
      };
  }
}

function commandView(params: CommandParams): QuestionView {
  const { networkApprovalContext: network, command, cwd, reason, additionalPermissions } = params;
  const choices = offered(params.availableDecisions ?? COMMAND_DECISIONS).map((decision) => commandChoice(decision));
  if (network) {
    const by = params.mcpServer ? `The MCP server ${params.mcpServer}` : (command ?? 'A command');
    return {
      ...NOTHING,
      title: 'Reach a host',
      summary: `${by} asks for ${network.host}`,
      command: command ?? null,
      commandItemId: params.commandItemId ?? null,
      target: { host: network.host, port: null, protocol: network.protocol },
      reason: reason ?? null,
      facts: facts(['Folder', cwd], ['MCP server', params.mcpServer], ['Tool', params.mcpTool]),
      choices,
    };
  }
  return {
    ...NOTHING,
    title: params.kind === 'writeStdin' ? 'Write to a running command' : 'Run a command',
    summary: `A thread asks to run ${command ?? 'a command'}`,
    command: command ?? null,
    reason: reason ?? null,
    facts: facts(
      ['Folder', cwd],
      ['More permissions', additionalPermissions ? JSON.stringify(additionalPermissions, null, 2) : null],
    ),
    choices,
  };
}

const COMMAND_DECISIONS: readonly CommandDecision[] = ['accept', 'decline', 'cancel'];

/** codexd accepts `decline` also where it is not in the list, as in older versions of the protocol. */
const offered = (decisions: readonly CommandDecision[]): readonly CommandDecision[] =>
  decisions.includes('decline')
    ? decisions
    : [...decisions.filter((decision) => decision !== 'cancel'), 'decline', 'cancel'];

function commandChoice(decision: CommandDecision): Choice {
  const result = { decision };
  if (typeof decision === 'string') return { ...WORDS[decision], result, rule: null };
  if ('acceptWithExecpolicyAmendment' in decision) {
    const prefix = decision.acceptWithExecpolicyAmendment.execpolicy_amendment;
    return {
      key: 'r',
      label: `Always allow ${commandLine(prefix)}`,
      tone: 'plain',
      result,
      rule: { kind: 'command', prefix },
    };
  }
  return ruleChoice(decision.applyNetworkPolicyAmendment.network_policy_amendment, result);
}

const WORDS = {
  accept: { key: 'a', label: 'Allow once', tone: 'allow' },
  acceptForSession: { key: 's', label: 'Allow for the session', tone: 'plain' },
  decline: { key: 'd', label: 'Deny', tone: 'deny' },
  cancel: { key: 'x', label: 'Deny and stop', tone: 'deny' },
} as const;

function ruleChoice({ host, action }: { host: string; action: 'allow' | 'deny' }, result: unknown): Choice {
  return {
    key: action === 'allow' ? 'r' : 'n',
    label: action === 'allow' ? `Always allow ${host} …` : `Never allow ${host} …`,
    tone: 'plain',
    result,
    rule: { kind: 'network', host, action },
  };
}

function networkView(params: NetworkParams): QuestionView {
  const command = commandLine(params.command);
  return {
    ...NOTHING,
    title: 'Reach a host',
    summary: `${params.command[0] ?? 'A command'} asks for ${params.host}:${params.port}`,
    command,
    target: { host: params.host, port: params.port, protocol: params.protocol },
    reason: params.reason,
    facts: facts(['Folder', params.cwd], ['Process', params.processId]),
    choices: params.availableDecisions.map((decision: NetworkDecision) =>
      typeof decision === 'string'
        ? { ...WORDS[decision], result: { decision }, rule: null }
        : ruleChoice(decision.applyNetworkPolicyAmendment.network_policy_amendment, { decision }),
    ),
  };
}

function changeView({ params, item, itemFailure }: Prompt): QuestionView {
  const { reason, grantRoot } = params as ServerRequestParams<'item/fileChange/requestApproval'>;
  const changes = item?.type === 'fileChange' ? item.changes : [];
  const names = changes.map(({ path }) => path).join(', ');
  return {
    ...NOTHING,
    title: 'Change files',
    summary: `A thread asks to change ${names === '' ? 'files' : names}`,
    reason: reason ?? null,
    facts: facts(['Write access for', grantRoot]),
    changes,
    changesFailure: itemFailure ?? null,
    choices: (['accept', 'acceptForSession', 'decline', 'cancel'] as const).map((decision) => ({
      ...WORDS[decision],
      result: { decision },
      rule: null,
    })),
  };
}

function permissionsView(params: ServerRequestParams<'item/permissions/requestApproval'>): QuestionView {
  const { network, fileSystem } = params.permissions;
  const granted = { ...(network && { network }), ...(fileSystem && { fileSystem }) };
  return {
    ...NOTHING,
    title: 'Grant more permissions',
    summary: 'A thread asks for more permissions',
    reason: params.reason ?? null,
    facts: facts(['Folder', params.cwd], ['Permissions', JSON.stringify(granted, null, 2)]),
    choices: [
      {
        key: 'a',
        label: 'Grant for this turn',
        tone: 'allow',
        result: { permissions: granted, scope: 'turn' },
        rule: null,
      },
      {
        key: 's',
        label: 'Grant for the session',
        tone: 'plain',
        result: { permissions: granted, scope: 'session' },
        rule: null,
      },
      { key: 'd', label: 'Deny', tone: 'deny', result: { permissions: {}, scope: 'turn' }, rule: null },
    ],
  };
}

function inputView(prompt: Prompt): QuestionView {
  const { questions, autoResolutionMs } = prompt.params as ServerRequestParams<'item/tool/requestUserInput'>;
  return {
    ...NOTHING,
    title: 'Answer a question',
    summary: questions.map(({ question }) => question).join(' '),
    form: formOfInput(questions),
    choices: [],
    deadlineMs: autoResolutionMs ? prompt.openedAtMs + autoResolutionMs : null,
  };
}

function elicitationView(params: ServerRequestParams<'mcpServer/elicitation/request'>): QuestionView {
  const refusals: readonly Choice[] = [
    { key: 'd', label: 'Decline', tone: 'deny', result: { action: 'decline', content: null }, rule: null },
    { key: 'x', label: 'Cancel', tone: 'deny', result: { action: 'cancel', content: null }, rule: null },
  ];
  const shared = {
    ...NOTHING,
    title: 'Answer an MCP server',
    summary: `The MCP server ${params.serverName} asks`,
    facts: facts(['MCP server', params.serverName], ['Address', params.mode === 'url' ? params.url : null]),
  };
  if (params.mode === 'form')
    return { ...shared, reason: params.message, form: formOfSchema(params.requestedSchema), choices: refusals };
  if (params.mode === 'url') {
    const accept = { action: 'accept', content: null };
    return {
      ...shared,
      reason: params.message,
      choices: [{ key: 'a', label: 'I opened it', tone: 'allow', result: accept, rule: null }, ...refusals],
    };
  }
  return {
    ...shared,
    reason: 'This kind of form can be answered in the program that is connected only.',
    choices: refusals,
  };
}

const facts = (
  ...pairs: readonly (readonly [string, string | null | undefined])[]
): readonly { readonly label: string; readonly value: string }[] =>
  pairs.flatMap(([label, value]) => (value ? [{ label, value }] : []));
