/**
 * Approvals of commands, network requests, patches and permissions.
 *
 * Threat: a person approves something else than what happens. Rule: the question shows all members that decide what is
 * allowed, the text of a rule included, and offers only what the server offers. Non-scope: making the texts safe.
 */
import type { ServerRequestAnswer, ServerRequestParams } from '../../../schema/registry.js';
import type { Choice, Fact, Question } from './question.js';

export type CommandParams = ServerRequestParams<'item/commandExecution/requestApproval'>;
type CommandAnswer = ServerRequestAnswer<'item/commandExecution/requestApproval'>;
type CommandDecision = CommandAnswer['decision'];

/** For a command, or for a network request of a command or of an MCP server. */
export function commandQuestion(params: CommandParams): Question<CommandAnswer> {
  const { networkApprovalContext: network = null, availableDecisions = null, command, cwd, reason } = params;
  const offered: readonly CommandDecision[] = availableDecisions ?? ['accept', 'decline', 'cancel'];
  // codexd accepts a plain refusal of a network request without offering it (docs/protocol-extensions.md).
  const all = network === null || offered.includes('decline') ? offered : [...offered, 'decline' as const];
  return {
    title: network === null ? TITLES[params.kind] : `Allow a connection to ${target(params)}?`,
    facts: [
      ...(network === null ? [] : [fact('host', target(params)), fact('protocol', network.protocol)]),
      ...given('command', command),
      ...given('folder', cwd),
      ...given('asked by', !params.mcpServer ? null : `MCP server ${params.mcpServer}, ${params.mcpTool ?? ''}`),
      ...given('reason', reason),
      ...given('more rights', params.additionalPermissions ? permissionText(params.additionalPermissions) : null),
    ],
    itemId: null,
    choices: withRefusal(all.map((decision) => choiceOf(decision, (chosen): CommandAnswer => ({ decision: chosen })))),
    fields: [],
  };
}

const TITLES: Readonly<Record<CommandParams['kind'], string>> = {
  command: 'Run this command?',
  humanCommand: 'Run this command of a person?',
  writeStdin: 'Send this to a running command?',
};

/** The port is a part of the item's id only: `network#local#http#HOST#PORT#UUID`. */
function target({ networkApprovalContext, itemId }: CommandParams): string {
  const host = networkApprovalContext?.host ?? '';
  const parts = itemId.split('#');
  const port = parts[0] === 'network' && parts[3] === host && /^\d{1,5}$/.test(parts[4] ?? '') ? parts[4] : null;
  return port === null || port === undefined ? host : `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

export type NetworkParams = ServerRequestParams<'network/requestApproval'>;
type NetworkAnswer = ServerRequestAnswer<'network/requestApproval'>;

/** For a network request of a command that this client itself runs. */
export function networkQuestion(params: NetworkParams): Question<NetworkAnswer> {
  const { host, port, protocol, command, cwd, reason, availableDecisions } = params;
  return {
    title: `Allow a connection to ${host}:${port}?`,
    facts: [
      fact('host', `${host}:${port}`),
      fact('protocol', protocol),
      fact('command', command.join(' ')),
      fact('folder', cwd),
      fact('reason', reason),
    ],
    itemId: null,
    choices: withRefusal(
      availableDecisions.map((decision) => choiceOf(decision, (chosen): NetworkAnswer => ({ decision: chosen }))),
    ),
    fields: [],
  };
}

export type PatchParams = ServerRequestParams<'item/fileChange/requestApproval'>;
type PatchAnswer = ServerRequestAnswer<'item/fileChange/requestApproval'>;

/** The changes are those of the item, which came before the question. */
export function patchQuestion({ itemId, reason, grantRoot }: PatchParams): Question<PatchAnswer> {
  return {
    title: 'Make these changes to files?',
    facts: [...given('reason', reason), ...given('writable from now on', grantRoot)],
    itemId,
    choices: (['accept', 'acceptForSession', 'decline', 'cancel'] as const).map((decision) =>
      choiceOf<PatchAnswer['decision'], PatchAnswer>(decision, (chosen) => ({ decision: chosen })),
    ),
    fields: [],
  };
}

export type PermissionParams = ServerRequestParams<'item/permissions/requestApproval'>;
type PermissionAnswer = ServerRequestAnswer<'item/permissions/requestApproval'>;

export function permissionQuestion(params: PermissionParams): Question<PermissionAnswer> {
  const { network, fileSystem } = params.permissions;
  const permissions = { ...(network ? { network } : {}), ...(fileSystem ? { fileSystem } : {}) };
  return {
    title: 'Give commands more rights?',
    facts: [
      fact('rights', permissionText(params.permissions)),
      fact('folder', params.cwd),
      ...given('reason', params.reason),
    ],
    itemId: null,
    choices: [
      { key: 'y', label: 'Yes, for this turn', answer: () => ({ permissions, scope: 'turn' }) },
      { key: 's', label: 'Yes, for this session', answer: () => ({ permissions, scope: 'session' }) },
      { key: 'n', label: 'No', refuses: true, answer: () => ({ permissions: {}, scope: 'turn' }) },
    ],
    fields: [],
  };
}

type Permissions = PermissionParams['permissions'];

function permissionText({ network, fileSystem }: Permissions): string {
  const { read, write, entries } = fileSystem ?? {};
  const parts = [
    ...(network?.enabled ? ['network'] : []),
    ...(read ?? []).map((path) => `read ${path}`),
    ...(write ?? []).map((path) => `write ${path}`),
    ...(entries ?? []).map(({ access, path }) => `${access} ${entryText(path)}`),
  ];
  return parts.length === 0 ? 'none' : parts.join(', ');
}

function entryText(path: NonNullable<NonNullable<Permissions['fileSystem']>['entries']>[number]['path']): string {
  if (path.type === 'path') return path.path;
  if (path.type === 'glob_pattern') return path.pattern;
  return JSON.stringify(path.value);
}

/** Where stopping the turn is not offered, a plain refusal is the least. */
function withRefusal<Answer>(choices: readonly Choice<Answer>[]): readonly Choice<Answer>[] {
  if (choices.some(({ refuses }) => refuses)) return choices;
  return choices.map((choice) => (choice.key === 'n' ? { ...choice, refuses: true } : choice));
}

type AnyDecision = CommandDecision | NetworkAnswer['decision'] | PatchAnswer['decision'];

function choiceOf<D extends AnyDecision, Answer>(decision: D, answer: (chosen: D) => Answer): Choice<Answer> {
  const { key, label, refuses = false } = words(decision);
  return { key, label, ...(refuses ? { refuses: true } : {}), answer: () => answer(decision) };
}

function words(decision: AnyDecision): { readonly key: string; readonly label: string; readonly refuses?: boolean } {
  switch (decision) {
    case 'accept':
      return { key: 'y', label: 'Yes, this once' };
    case 'acceptForSession':
      return { key: 's', label: 'Yes, for this session' };
    case 'decline':
      return { key: 'n', label: 'No, and go on without it' };
    case 'cancel':
      return { key: 'c', label: 'No, and stop the turn', refuses: true };
  }
  if ('acceptWithExecpolicyAmendment' in decision) {
    const { execpolicy_amendment: prefix } = decision.acceptWithExecpolicyAmendment;
    return { key: 'a', label: `Always: write a rule that allows commands that begin with ${JSON.stringify(prefix)}` };
  }
  const { host, action } = decision.applyNetworkPolicyAmendment.network_policy_amendment;
  return action === 'allow'
    ? { key: 'a', label: `Always: write a rule that allows ${host} to all commands` }
    : { key: 'd', label: `Never: write a rule that denies ${host} to all commands` };
}

const fact = (label: string, text: string): Fact => ({ label, text });
const given = (label: string, text: string | null | undefined): Fact[] => (text ? [fact(label, text)] : []);
