/**
 * The server's requests to its client, answered by the person at the MCP client (docs/protocol/services.md §11).
 * Approvals of commands and patches have the members of the reference; the other questions are additions of codexd.
 */
import type { Client } from '../../../clients/typescript/index.js';
import type { ServerRequestAnswer, ServerRequestParams } from '../../../schema/registry.js';
import { splitWords } from '../../sessions/shell/shell-words.js';
import { decisionIn, formReplyIn, NO_QUESTIONS, type Decision, type Elicitation } from './elicitation.js';
import { parsedCommand } from './events/legacy-item.js';

export interface Person {
  /**
   * Resolves to the client's answer as it came; null: there is none, so the answer is no. `turnId` null: of no turn.
   * The signal is aborted when the question is settled in another way.
   */
  ask(
    threadId: string,
    turnId: string | null,
    itemId: string | null,
    question: Elicitation,
    signal: AbortSignal,
  ): Promise<unknown>;
  /** The changes of a patch whose item the session has seen. */
  changesOf(threadId: string, itemId: string): object;
}

/** Answers every request of the server until the connection ends. */
export function answerQuestions(client: Client, person: Person): void {
  client.onRequest('item/commandExecution/requestApproval', async (params, { signal }) => {
    const question = params.networkApprovalContext ? networkQuestion(params) : commandQuestion(params);
    const answer = await person.ask(params.threadId, params.turnId, params.itemId, question, signal);
    return { decision: commandDecision(decisionIn(answer), params.availableDecisions ?? null) };
  });
  client.onRequest('item/fileChange/requestApproval', async (params, { signal }) => {
    const { threadId, turnId, itemId, reason = null } = params;
    const question = patchQuestion(person.changesOf(threadId, itemId), reason);
    const decision = decisionIn(await person.ask(threadId, turnId, itemId, question, signal));
    return { decision: PATCH_DECISIONS[typeof decision === 'string' ? decision : 'denied'] };
  });
  client.onRequest('item/permissions/requestApproval', async (params, { signal }) => {
    const { threadId, turnId, itemId, permissions } = params;
    const decision = decisionIn(await person.ask(threadId, turnId, itemId, permissionsQuestion(params), signal));
    if (decision !== 'approved' && decision !== 'approved_for_session') return { permissions: {}, scope: 'turn' };
    const { network, fileSystem } = permissions;
    return {
      permissions: { ...(network ? { network } : {}), ...(fileSystem ? { fileSystem } : {}) },
      scope: decision === 'approved' ? 'turn' : 'session',
    };
  });
  client.onRequest('item/tool/requestUserInput', async (params, { signal }) => {
    const { threadId, turnId, itemId, questions } = params;
    // MCP forbids forms that ask for secrets.
    if (questions.some(({ isSecret }) => isSecret)) return { answers: {} };
    const reply = formReplyIn(await person.ask(threadId, turnId, itemId, inputQuestion(questions), signal));
    const given = Object.entries(reply.content ?? {});
    return { answers: Object.fromEntries(given.map(([id, value]) => [id, { answers: [String(value)] }])) };
  });
  client.onRequest('mcpServer/elicitation/request', async (params, { signal }) => {
    const { threadId, turnId = null } = params;
    const question = serverQuestion(params);
    if (question === null) return { action: 'decline', content: null, _meta: null };
    const reply = formReplyIn(await person.ask(threadId, turnId, null, question, signal));
    return { ...reply, _meta: null };
  });
}

type CommandParams = ServerRequestParams<'item/commandExecution/requestApproval'>;
type CommandDecision = ServerRequestAnswer<'item/commandExecution/requestApproval'>['decision'];

function commandQuestion(params: CommandParams): Elicitation {
  const { command = null, cwd = null, commandActions, reason = null } = params;
  const where = cwd === null ? '' : ` in \`${cwd}\``;
  const argv = command === null ? [] : splitWords(command);
  const parsed = (commandActions ?? []).map(parsedCommand);
  return {
    message: `Allow Codex to run \`${command ?? ''}\`${where}?${because(reason)}`,
    requestedSchema: NO_QUESTIONS,
    about: {
      codex_elicitation: 'exec-approval',
      codex_command: argv,
      codex_cwd: cwd,
      codex_parsed_cmd: parsed,
    },
    event: { type: 'exec_approval_request', command: argv, cwd, reason, parsed_cmd: parsed },
  };
}

function networkQuestion({ networkApprovalContext, command = null, reason = null }: CommandParams): Elicitation {
  const { host, protocol } = networkApprovalContext ?? { host: '', protocol: '' };
  const by = command === null ? '' : ` for \`${command}\``;
  return {
    message: `Allow Codex to connect to ${host} (${protocol})${by}?${because(reason)}`,
    requestedSchema: NO_QUESTIONS,
    about: { codex_elicitation: 'network-approval', codex_network: { host, protocol } },
    event: null,
  };
}

const patchQuestion = (changes: object, reason: string | null): Elicitation => ({
  message: `Allow Codex to apply proposed code changes?${because(reason)}`,
  requestedSchema: NO_QUESTIONS,
  about: { codex_elicitation: 'patch-approval', codex_changes: changes },
  event: { type: 'apply_patch_approval_request', changes, reason },
});

function permissionsQuestion(params: ServerRequestParams<'item/permissions/requestApproval'>): Elicitation {
  const { permissions, cwd, reason = null } = params;
  return {
    message: `Allow Codex more permissions in \`${cwd}\`: ${JSON.stringify(permissions)}?${because(reason)}`,
    requestedSchema: NO_QUESTIONS,
    about: { codex_elicitation: 'permissions-approval', codex_permissions: permissions },
    event: null,
  };
}

function inputQuestion(questions: ServerRequestParams<'item/tool/requestUserInput'>['questions']): Elicitation {
  const properties = questions.map(({ id, header, question, options = null, isOther }) => {
    const labels = (options ?? []).map(({ label }) => label);
    const closed = labels.length > 0 && !isOther;
    const hint = labels.length > 0 && isOther ? ` (for example: ${labels.join(', ')})` : '';
    const shape = { type: 'string', title: header, description: `${question}${hint}` };
    return [id, closed ? { ...shape, enum: labels } : shape] as const;
  });
  return {
    message: questions.map(({ question }) => question).join('\n'),
    requestedSchema: {
      type: 'object',
      properties: Object.fromEntries(properties),
      required: questions.map(({ id }) => id),
    },
    about: { codex_elicitation: 'user-input' },
    event: null,
  };
}

/** Null: a question that a form cannot ask. */
function serverQuestion(params: ServerRequestParams<'mcpServer/elicitation/request'>): Elicitation | null {
  if (params.mode !== 'form') return null;
  const { message, requestedSchema, serverName } = params;
  return {
    message,
    requestedSchema,
    about: { codex_elicitation: 'mcp-elicitation', codex_mcp_server: serverName },
    event: null,
  };
}

const because = (reason: string | null): string => (reason === null || reason === '' ? '' : ` Reason: ${reason}`);

const PATCH_DECISIONS = {
  approved: 'accept',
  approved_for_session: 'acceptForSession',
  denied: 'decline',
  abort: 'cancel',
} as const;

/** A decision that is not on offer becomes the nearest one that gives less. */
function commandDecision(decision: Decision, offered: readonly CommandDecision[] | null): CommandDecision {
  if (typeof decision !== 'string')
    return { acceptWithExecpolicyAmendment: { execpolicy_amendment: [...decision.prefix] } };
  const wanted = PATCH_DECISIONS[decision];
  return wanted === 'acceptForSession' && offered !== null && !offered.includes(wanted) ? 'accept' : wanted;
}
