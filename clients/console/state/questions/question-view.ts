/** What a question shows, and the answers that it offers, whichever request of the protocol it is. */
import type { ServerRequestParams } from '../../../../schema/registry.js';
import { commandLine } from '../../text/format.js';
import { elicitationView } from './elicitation-view.js';
import { formOfInput } from './question-form.js';
import { facts, NOTHING, type Choice, type QuestionView } from './question-parts.js';
import type { Prompt } from './prompt.js';

type CommandParams = ServerRequestParams<'item/commandExecution/requestApproval'>;
type CommandDecision = NonNullable<CommandParams['availableDecisions']>[number];
type NetworkParams = ServerRequestParams<'network/requestApproval'>;
type NetworkDecision = NetworkParams['availableDecisions'][number];

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
