/**
 * The output of commands that operators watch.
 *
 * Threat: a command writes faster than an operator reads.
 * Rule: for each watch at most 256 KiB wait. Older output is dropped and counted, and the command is never slowed.
 */
import type { ObservedCommands, OutputStream } from '../exec/observe/observed-commands.js';
import type { Caller } from '../rpc/connection/caller.js';

export interface OutputWatches {
  /** Has no effect on a command that the client watches already. */
  add(caller: Caller, commandId: string): void;
  remove(caller: Caller, commandId: string): void;
}

const MAX_WAITING_BYTES = 256 * 1024;
/** Milliseconds in which output is collected: more often a screen shows nothing new. */
const COLLECT_MS = 30;

export function createOutputWatches(observed: ObservedCommands): OutputWatches {
  /** By connection. */
  const watches = new Map<number, Map<string, { readonly stop: () => void }>>();
  const drop = (connectionId: number, commandId: string): void => {
    watches.get(connectionId)?.get(commandId)?.stop();
    watches.get(connectionId)?.delete(commandId);
  };
  return {
    add(caller, commandId) {
      const { connectionId } = caller;
      let own = watches.get(connectionId);
      if (own === undefined) {
        own = new Map();
        watches.set(connectionId, own);
        const leave = (): void => {
          for (const id of watches.get(connectionId)?.keys() ?? []) drop(connectionId, id);
          watches.delete(connectionId);
        };
        caller.closed.addEventListener('abort', leave, { once: true });
      }
      if (own.has(commandId)) return;
      const sender = createSender(caller, commandId);
      const unwatch = observed.watch({
        changed(command) {
          if (command.id !== commandId || command.end === null) return;
          sender.flush();
          unwatch();
          watches.get(connectionId)?.delete(commandId);
        },
        output(command, stream, piece) {
          if (command.id === commandId) sender.add(stream, piece);
        },
      });
      own.set(commandId, { stop: unwatch });
    },
    remove: ({ connectionId }, commandId) => drop(connectionId, commandId),
  };
}

function createSender(caller: Caller, commandId: string) {
  let waiting: { readonly stream: OutputStream; readonly piece: Buffer }[] = [];
  let bytes = 0;
  let skippedBytes = 0;
  let sending = false;
  let timer: NodeJS.Timeout | undefined;

  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const pieces = waiting;
    waiting = [];
    bytes = 0;
    for (let n = 0; n < pieces.length;) {
      const { stream } = pieces[n]!;
      const run: Buffer[] = [];
      for (; pieces[n]?.stream === stream; n++) run.push(pieces[n]!.piece);
      caller.notifyBytes('operator/commands/output', { commandId, stream, skippedBytes }, 'delta', Buffer.concat(run));
      skippedBytes = 0;
    }
  };
  const send = async (): Promise<void> => {
    flush();
    sending = true;
    await caller.drained();
    sending = false;
    if (waiting.length > 0) soon();
  };
  const soon = (): void => {
    if (!sending) timer ??= setTimeout(() => void send(), COLLECT_MS).unref();
  };
  return {
    flush,
    add(stream: OutputStream, piece: Buffer): void {
      waiting.push({ stream, piece });
      bytes += piece.length;
      while (bytes > MAX_WAITING_BYTES && waiting.length > 1) {
        const { length } = waiting.shift()!.piece;
        bytes -= length;
        skippedBytes += length;
      }
      soon();
    },
  };
}
