/**
 * Notifications to operators: commands, decisions, connections, questions.
 *
 * Threat: an operator that reads slowly, or many of them, fill the memory or slow commands down.
 * Rule: while there is no operator, nothing is watched. Changes are collected and sent in batches, each encoded once
 * for all operators. An operator whose earlier messages wait gets no further ones, and learns of that when it reads
 * again (`operator/lagged`), so nothing is kept for it.
 * Non-scope: the output of a command (watch-output.ts).
 */
import type { OperatorsMay } from '../config/settings/operators.js';
import type { ObservedCommand, ObservedCommands } from '../exec/observe/observed-commands.js';
import type { DecisionEntry, DecisionLog } from '../network-approval/audit/decision-log.js';
import { wireDecision } from '../network-approval/audit/decisions-list.js';
import type { Caller } from '../rpc/connection/caller.js';
import type { EncodedNotification, RpcServer } from '../rpc/server.js';
import { isOperator } from './rights.js';
import { wireCommand, wirePrompt, type ClientName } from './wire.js';

export interface NotifyOptions {
  readonly rpc: Pick<RpcServer, 'callers' | 'connections' | 'deliver' | 'encode' | 'questions' | 'watchConnections'>;
  readonly observed: ObservedCommands;
  readonly decisions: DecisionLog;
  readonly may: () => OperatorsMay;
}

/** Milliseconds between two batches, and between two reports about output alone. */
const BATCH_MS = 100;
const OUTPUT_MS = 1_000;
/** Decisions of one batch. */
const MAX_DECISIONS = 200;

interface OperatorState {
  /** It is being looked whether the client reads. */
  looks: boolean;
  /** Earlier messages wait. */
  waits: boolean;
  /** Some were left out meanwhile. */
  missed: boolean;
}

/** Returns what ends it. */
export function notifyOperators({ rpc, observed, decisions, may }: NotifyOptions): () => void {
  const states = new Map<Caller, OperatorState>();
  const commands = new Set<ObservedCommand>();
  const talking = new Set<ObservedCommand>();
  let entries: DecisionEntry[] = [];
  let dropped = 0;
  let connections = false;
  let stops: (() => void)[] = [];
  let batch: NodeJS.Timeout | undefined;
  let outputBatch: NodeJS.Timeout | undefined;

  const clientName: ClientName = (id) =>
    rpc.callers().find(({ connectionId }) => connectionId === id)?.client.name ?? null;
  /** What is sent in one turn of the event loop is sent whole: whether the client reads shows afterwards. */
  const lookAfter = (caller: Caller, state: OperatorState): void => {
    if (state.looks) return;
    state.looks = true;
    let drained = false;
    void caller.drained().then(() => {
      drained = true;
      state.looks = state.waits = false;
      if (!state.missed) return;
      state.missed = false;
      caller.notify('operator/lagged', {});
    });
    setImmediate(() => {
      if (!drained) state.waits = true;
    });
  };
  const send = (...notifications: readonly EncodedNotification[]): void => {
    if (may() === 'none') return;
    for (const [caller, state] of states) {
      if (state.waits) {
        state.missed = true;
        continue;
      }
      for (const notification of notifications) rpc.deliver([caller], notification);
      lookAfter(caller, state);
    }
  };
  const flush = (): void => {
    batch = undefined;
    const notifications: EncodedNotification[] = [];
    if (connections) notifications.push(rpc.encode('operator/connections/changed', {}));
    if (commands.size > 0) {
      const data = [...commands].map((command) => wireCommand(command, clientName));
      notifications.push(rpc.encode('operator/commands/changed', { data }));
    }
    if (entries.length > 0)
      notifications.push(rpc.encode('operator/network/decided', { data: entries.map(wireDecision), dropped }));
    connections = false;
    commands.clear();
    entries = [];
    dropped = 0;
    if (notifications.length > 0) send(...notifications);
  };
  const soon = (): void => void (batch ??= setTimeout(flush, BATCH_MS).unref());
  const outputSoon = (): void =>
    void (outputBatch ??= setTimeout(() => {
      outputBatch = undefined;
      for (const command of talking) commands.add(command);
      talking.clear();
      flush();
    }, OUTPUT_MS).unref());

  const start = (): void => {
    stops = [
      observed.watch({
        changed(command) {
          talking.delete(command);
          commands.add(command);
          soon();
        },
        output(command) {
          talking.add(command);
          outputSoon();
        },
      }),
      decisions.watch((entry) => {
        if (entries.length < MAX_DECISIONS) entries.push(entry);
        else dropped++;
        soon();
      }),
      rpc.questions.watch({
        // At once: a person waits.
        opened: (question) =>
          send(rpc.encode('operator/prompts/opened', { prompt: wirePrompt(question, clientName, may() === 'answer') })),
        settled: ({ id }, by) =>
          send(
            rpc.encode('operator/prompts/settled', {
              promptId: id,
              by,
              outcome: by === null ? 'withdrawn' : 'answered',
            }),
          ),
      }),
    ];
  };
  const stop = (): void => {
    for (const end of stops) end();
    stops = [];
    clearTimeout(batch);
    clearTimeout(outputBatch);
    batch = outputBatch = undefined;
    commands.clear();
    talking.clear();
    entries = [];
    dropped = 0;
  };
  const look = (): void => {
    const present = new Set(rpc.callers().filter(isOperator));
    for (const caller of states.keys()) if (!present.has(caller)) states.delete(caller);
    for (const caller of present)
      if (!states.has(caller)) states.set(caller, { looks: false, waits: false, missed: false });
    if (states.size === 0) return stop();
    if (stops.length === 0) start();
    connections = true;
    soon();
  };
  look();
  const unwatch = rpc.watchConnections(look);
  return () => {
    unwatch();
    stop();
  };
}
