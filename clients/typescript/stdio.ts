import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient, type Client, type ClientOptions } from './client.js';
import { ConnectError } from './errors.js';
import { splitLines } from './lines.js';
import { MAX_INCOMING_BYTES, type Transport } from './transport.js';
import type { Environment } from './platform.js';

export interface StdioOptions extends ClientOptions {
  /** The program, e.g. `codexd`. */
  readonly command: string;
  /** Default: `['app-server']`. */
  readonly args?: readonly string[];
  /** The whole environment of the server; default: this process's own. */
  readonly env?: Environment;
  readonly cwd?: string;
  /** The server gets a process group of its own: a Ctrl-C at this program's terminal is not one for the server, too. */
  readonly ownGroup?: boolean;
  /** Gets what the server logs. Default: only the last lines are kept, for the error when it ends unasked. */
  readonly onStderr?: (text: string) => void;
  /**
   * How long `close` waits for the server to end after its stdin was closed, before it is signalled. Default 5000 ms.
   */
  readonly closeTimeoutMs?: number;
}

/**
 * Starts a server and speaks to it over its stdin and stdout: one JSON text a line (docs/protocol/transport.md §5).
 *
 * The client owns the process: `close` ends it, and it ends by itself when this process dies, because its stdin closes.
 * There is no reconnecting: when the server ends, the client is closed.
 */
export function connectStdio(options: StdioOptions): Promise<Client> {
  return createClient((receive) => openStdio(options, receive), options, null);
}

async function openStdio(options: StdioOptions, receive: (text: string) => void): Promise<Transport> {
  const child = spawn(options.command, options.args ?? ['app-server'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: options.ownGroup ?? false,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env }),
  });
  const stderrTail = keepTail(child, options.onStderr);
  let failure: Error | undefined;

  const ended = whenGone(child).then(
    ({ code, signal }) =>
      failure ?? new Error(`${options.command} ended (${signal ?? `exit code ${code}`})${stderrTail()}`),
  );

  const feed = splitLines((line) => {
    if (line.trim() !== '') receive(line);
  }, MAX_INCOMING_BYTES);
  const destroy = (cause: Error): void => {
    failure ??= cause;
    child.kill('SIGKILL');
  };
  child.stdout.on('data', (chunk: Buffer) => {
    if (failure) return;
    try {
      feed(chunk);
    } catch (error) {
      destroy(error as Error);
    }
  });
  // A server that is gone cannot be written to: its end is reported through `ended`, with the exit code.
  child.stdin.on('error', () => {});

  try {
    await once(child, 'spawn');
  } catch (cause) {
    throw new ConnectError(`${options.command} cannot be started: ${(cause as Error).message}`, { cause });
  }
  return {
    send: (text) => {
      if (child.stdin.writable) child.stdin.write(`${text}\n`);
    },
    drained: async () => {
      if (child.stdin.writableNeedDrain) await Promise.race([once(child.stdin, 'drain'), ended]);
    },
    pause: () => child.stdout.pause(),
    resume: () => child.stdout.resume(),
    close: () => closeStdio(child, ended, options.closeTimeoutMs ?? DEFAULT_CLOSE_TIMEOUT_MS),
    destroy,
    ended,
  };
}

/**
 * A server finishes what it has queued when its stdin ends (docs/protocol/transport.md §5); this is its time for it.
 */
const DEFAULT_CLOSE_TIMEOUT_MS = 5000;
/** After SIGTERM: time for the server to end its own children. */
const TERM_GRACE_MS = 2000;

/** End of stdin, then SIGTERM, then SIGKILL: each only when the one before did not help in time. */
async function closeStdio(child: ChildProcess, ended: Promise<unknown>, timeoutMs: number): Promise<void> {
  child.stdin?.end();
  child.stdout?.resume();
  if (await within(ended, timeoutMs)) return;
  child.kill('SIGTERM');
  if (await within(ended, TERM_GRACE_MS)) return;
  child.kill('SIGKILL');
  await ended;
}

/** Whether `event` happened within `ms`. */
async function within(event: Promise<unknown>, ms: number): Promise<boolean> {
  const timer = new AbortController();
  const late = sleep(ms, false, { signal: timer.signal }).catch(() => false);
  const inTime = await Promise.race([event.then(() => true), late]);
  timer.abort();
  return inTime;
}

/**
 * Resolves when the process has ended and its output was read. A process that it left behind may hold the pipes open:
 * they are given a moment, then dropped.
 */
function whenGone(child: ChildProcess): Promise<{ code: number | null; signal: string | null }> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      const done = (): void => {
        clearTimeout(timer);
        child.stdout?.destroy();
        child.stderr?.destroy();
        resolve({ code, signal });
      };
      const timer = setTimeout(done, PIPE_DRAIN_MS);
      child.once('close', done);
    });
  });
}
const PIPE_DRAIN_MS = 500;

/** Hands stderr on, and keeps its end for the message that reports an unexpected exit. */
function keepTail(child: ChildProcess, onStderr: ((text: string) => void) | undefined): () => string {
  let tail = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-STDERR_TAIL_CHARS);
    onStderr?.(text);
  });
  return () => (tail.trim() === '' ? '' : `: ${tail.trim()}`);
}
const STDERR_TAIL_CHARS = 2000;
