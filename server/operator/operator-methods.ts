/** The requests of operators: codexd's own methods (docs/protocol-extensions.md, "Operators"). */
import type { ThreadItem } from '../../schema/protocol/threads/item.js';
import type { OperatorsMay } from '../config/settings/operators.js';
import { isCode } from '../errors/codexd-error.js';
import { invalidParams, invalidRequest } from '../errors/rpc-error.js';
import { decodeBase64 } from '../exec/methods/base64.js';
import { assertSize } from '../exec/methods/process-controls.js';
import type { ObservedCommand, ObservedCommands } from '../exec/observe/observed-commands.js';
import type { RunningCommand } from '../exec/start/command.js';
import type { Logger } from '../log/log.js';
import type { Caller } from '../rpc/connection/caller.js';
import { defineMethods } from '../rpc/connection/define-methods.js';
import type { RpcServer } from '../rpc/server.js';
import { allowForSession, type SessionAllowance } from './allow-for-session.js';
import { descendantsOf } from './descendants.js';
import { assertMayAct, assertMaySee, isOperator } from './rights.js';
import { createOutputWatches } from './watch-output.js';
import { wireCommand, wirePrompt, type ClientName } from './wire.js';
import { readOverview, type OverviewSources } from './overview.js';

export interface OperatorOptions {
  readonly rpc: Pick<RpcServer, 'callers' | 'connections' | 'questions'>;
  readonly observed: ObservedCommands;
  readonly overview: OverviewSources;
  /** The threads to which a client is subscribed. */
  readonly subscribedThreads: (caller: Caller) => number;
  readonly may: () => OperatorsMay;
  /** An item of the running turn of a thread. Null: there is none of that id. */
  readonly runningItem: (threadId: string, itemId: string) => ThreadItem | null;
  readonly sessionAllowance: SessionAllowance;
  readonly log: Logger;
}

export const operatorMethods = defineMethods((options: OperatorOptions) => {
  const { rpc, observed, may, log } = options;
  const watches = createOutputWatches(observed);
  const clientName: ClientName = (id) =>
    rpc.callers().find(({ connectionId }) => connectionId === id)?.client.name ?? null;
  const find = (id: string): ObservedCommand => {
    const found = observed.get(id);
    if (found === null) throw invalidRequest(`no such command: ${id}`);
    return found;
  };
  /** A command on which this client acts. */
  const running = (id: string, caller: Caller, action: string): RunningCommand => {
    assertMayAct(caller, may());
    const { command } = find(id);
    if (command === null || command.exited) throw invalidRequest(`the command has ended: ${id}`);
    const { connectionId, client } = caller;
    log.info(`an operator ${action}`, { command: id, connection: connectionId, client: client.name });
    return command;
  };

  return {
    'operator/overview/read': (_params, caller) => readOverview(options.overview, assertMaySee(caller, may())),
    'operator/connections/list': (_params, caller) => {
      assertMaySee(caller, may());
      return {
        data: rpc.connections().map(({ caller: one, ready, peer, connectedAtMs }) => ({
          connectionId: one.connectionId,
          transport: one.transport,
          peer,
          clientName: ready ? one.client.name : null,
          clientVersion: ready ? one.client.version : null,
          connectedAtMs,
          operator: ready && isOperator(one),
          subscribedThreads: options.subscribedThreads(one),
        })),
      };
    },
    'operator/commands/list': (_params, caller) => {
      assertMaySee(caller, may());
      return { data: observed.list().map((command) => wireCommand(command, clientName)) };
    },
    'operator/commands/tree': async ({ commandId }, caller) => {
      assertMaySee(caller, may());
      const { pid, end } = find(commandId);
      return { data: pid === null || end !== null ? [] : [...(await descendantsOf(pid))] };
    },
    'operator/commands/watch': ({ commandId }, caller) => {
      assertMaySee(caller, may());
      const { tail, size, end } = find(commandId);
      // Watched from the same moment: no output is missing, and none comes twice.
      const output = tail.read();
      if (end === null) watches.add(caller, commandId);
      return {
        output: output.toString('base64'),
        skippedBytes: tail.bytes - output.length,
        columns: size?.cols ?? null,
        rows: size?.rows ?? null,
      };
    },
    'operator/commands/unwatch': ({ commandId }, caller) => {
      assertMaySee(caller, may());
      watches.remove(caller, commandId);
      return {};
    },
    'operator/commands/write': async ({ commandId, data }, caller) => {
      const command = running(commandId, caller, 'writes to a command');
      if (!wireCommand(find(commandId), clientName).stdin) throw invalidRequest('the command takes no input');
      await command.write(decoded(data));
      return {};
    },
    'operator/commands/resize': ({ commandId, size }, caller) => {
      assertSize(size, 'size rows and cols must be greater than 0');
      running(commandId, caller, 'resizes the terminal of a command');
      if (find(commandId).size === null) throw invalidRequest('the command has no terminal');
      observed.resize(commandId, size);
      return {};
    },
    'operator/commands/terminate': ({ commandId }, caller) => {
      assertMayAct(caller, may());
      if (find(commandId).end !== null) return { terminated: false };
      running(commandId, caller, 'ends a command').terminate();
      return { terminated: true };
    },
    'operator/prompts/list': (_params, caller) => {
      const mayAnswer = assertMaySee(caller, may()) === 'answer';
      return { data: rpc.questions.list().map((question) => wirePrompt(question, clientName, mayAnswer)) };
    },
    'operator/prompts/item': ({ promptId }, caller) => {
      assertMaySee(caller, may());
      const owner = rpc.questions.list().find(({ id }) => id === promptId)?.owner;
      const hasItem = owner?.kind === 'thread' && owner.itemId !== null;
      return { item: hasItem ? options.runningItem(owner.threadId, owner.itemId) : null };
    },
    'operator/prompts/answer': ({ promptId, result }, caller) => {
      assertMayAct(caller, may());
      return { settled: rpc.questions.answer(promptId, result, caller) };
    },
    'operator/network/allowForSession': async (params, caller) => {
      assertMayAct(caller, may());
      await allowForSession(params, options.sessionAllowance);
      const { threadId: thread, protocol, host, port } = params;
      const { connectionId: connection, client } = caller;
      const about = { thread, protocol, host, port, connection, client: client.name };
      log.info('an operator allows a host for the session of a thread', about);
      return {};
    },
  };
});

function decoded(data: string): Buffer {
  try {
    return decodeBase64(data);
  } catch (error) {
    if (isCode(error, 'exec.base64')) throw invalidParams(`invalid data: ${error.message}`);
    throw error;
  }
}
