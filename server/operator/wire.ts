/** Commands and questions in the form of the protocol (schema/protocol/operator). */
import type { OperatorCommand } from '../../schema/protocol/operator/commands.js';
import type { OperatorOwner } from '../../schema/protocol/operator/owner.js';
import type { OperatorPrompt } from '../../schema/protocol/operator/prompts.js';
import { wireDenial } from '../exec/methods/denial-line.js';
import type { ObservedCommand } from '../exec/observe/observed-commands.js';
import { needsSandbox } from '../exec/start/permissions.js';
import type { CommandOwner } from '../network-approval/registration/denial.js';
import type { OpenQuestion } from '../rpc/connection/open-questions.js';

/** The name of a client by the number of its connection; null: it is gone. */
export type ClientName = (connectionId: number) => string | null;

export function wireCommand(observed: ObservedCommand, clientName: ClientName): OperatorCommand {
  const { id, spec, startedAtMs, registration, command, tail, end } = observed;
  const { argv, cwd, owner, permissions, io } = spec;
  const { sent, received } = registration.traffic?.() ?? { sent: 0, received: 0 };
  const { lane } = registration;
  const terminal = io.kind === 'terminal';
  return {
    commandId: id,
    owner: commandOwner(owner, clientName),
    program: argv[0] ?? '',
    command: [...argv],
    cwd,
    startedAtMs,
    network: {
      access: permissions.network.kind,
      lane:
        lane === null ? null : lane.networkNamespace === null ? lane.ports.join(' ') : `net:${lane.networkNamespace}`,
      bytesSent: sent,
      bytesReceived: received,
    },
    profile: permissions.profile.id,
    sandboxed: needsSandbox(permissions),
    terminal,
    stdin: end === null && command !== null && (terminal || (io.kind === 'pipes' && io.stdin)),
    outputBytes: tail.bytes,
    state: end === null ? 'running' : 'ended',
    end: end && {
      cause: end.cause,
      exitCode: end.exitCode,
      endedAtMs: end.endedAtMs,
      denial: end.denial && wireDenial(end.denial),
    },
  };
}

function commandOwner(owner: CommandOwner, clientName: ClientName): OperatorOwner {
  if (owner.kind === 'thread') {
    const { threadId, turnId, itemId, mcpServer = null } = owner;
    return { kind: 'thread', threadId, turnId, itemId, mcpServer };
  }
  const { connectionId, requestId, processId } = owner;
  // Not every JSON reader keeps numbers of this size.
  const id = typeof requestId === 'bigint' ? `${requestId}` : requestId;
  return { kind: 'connection', connectionId, clientName: clientName(connectionId), requestId: id, processId };
}

export function wirePrompt(question: OpenQuestion, clientName: ClientName, mayAnswer: boolean): OperatorPrompt {
  const { id, openedAtMs, owner, method, params } = question;
  const whose: OperatorOwner =
    owner.kind === 'thread' ? owner : { ...owner, clientName: clientName(owner.connectionId) };
  return { promptId: id, openedAtMs, owner: whose, method, params, mayAnswer };
}
