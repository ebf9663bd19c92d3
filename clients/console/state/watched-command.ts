/** The output of one command while it is open in the page. */
import { signal, type ReadonlySignal } from '@preact/signals';
import { createAnsiLines, type Line } from '../text/ansi-lines.js';
import { fromText, toBytes } from '../text/base64.js';
import type { Server } from '../connection/server.js';

export interface WatchedCommand {
  readonly lines: ReadonlySignal<readonly Line[]>;
  /** Bytes that this page did not get: older than what the server kept, or faster than the page read. */
  readonly skipped: ReadonlySignal<number>;
  readonly size: ReadonlySignal<{ readonly columns: number; readonly rows: number } | null>;
  /** The bytes so far, then each piece: for a terminal. */
  follow(listener: (bytes: Uint8Array) => void): () => void;
  write(text: string): Promise<void>;
  resize(columns: number, rows: number): Promise<void>;
  terminate(): Promise<boolean>;
  close(): void;
}

/** Of the bytes for a terminal that is opened later. */
const KEPT_BYTES = 512 * 1024;
/** The page shows new lines at most this often, in milliseconds. */
const SHOWN_EVERY_MS = 50;

export async function watchCommand(server: Server, commandId: string): Promise<WatchedCommand> {
  const text = createAnsiLines();
  const lines = signal<readonly Line[]>([]);
  const skipped = signal(0);
  const size = signal<{ readonly columns: number; readonly rows: number } | null>(null);
  const listeners = new Set<(bytes: Uint8Array) => void>();
  let pieces: Uint8Array[] = [];
  let kept = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const take = (bytes: Uint8Array, stream: string): void => {
    text.push(bytes, stream);
    pieces.push(bytes);
    kept += bytes.length;
    while (kept > KEPT_BYTES && pieces.length > 1) kept -= pieces.shift()?.length ?? 0;
    for (const listener of listeners) listener(bytes);
    timer ??= setTimeout(() => {
      timer = undefined;
      lines.value = [...text.lines];
    }, SHOWN_EVERY_MS);
  };
  const stop = server.onNotification('operator/commands/output', (params) => {
    if (params.commandId !== commandId) return;
    skipped.value += params.skippedBytes;
    take(toBytes(params.delta), params.stream);
  });
  let start;
  try {
    start = await server.request('operator/commands/watch', { commandId });
  } catch (error) {
    stop();
    throw error;
  }
  skipped.value += start.skippedBytes;
  if (start.columns !== null && start.rows !== null) size.value = { columns: start.columns, rows: start.rows };
  take(toBytes(start.output), 'start');

  return {
    lines,
    skipped,
    size,
    follow: (listener) => {
      for (const piece of pieces) listener(piece);
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    write: async (input) =>
      void (await server.request('operator/commands/write', { commandId, data: fromText(input) })),
    resize: async (columns, rows) =>
      void (await server.request('operator/commands/resize', { commandId, size: { cols: columns, rows } })),
    terminate: async () => (await server.request('operator/commands/terminate', { commandId })).terminated,
    close: () => {
      stop();
      clearTimeout(timer);
      pieces = [];
      server.request('operator/commands/unwatch', { commandId }).catch(() => {});
    },
  };
}
