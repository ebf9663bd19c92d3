import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient, type Client, type ClientOptions } from './client.js';
import { ConnectError } from './errors.js';
import { splitLines } from './lines.js';
import { MAX_INCOMING_BYTES, type Transport } from './transport.js';
import type { Environment } from './platform.js';

export interface StdioOptions extends ClientOptions {
  /** The program, for example `codexd`. */
  readonly command: string;
  /** Default: `['app-server']`. */
  readonly args?: readonly string[];
  /** The complete environment of the server. Default: the environment of this process. */
  readonly env?: Environment;
  readonly cwd?: string;
  /**
   * Starts the server in a separate process group, so that Ctrl-C in this program's terminal does not reach the server.
   */
  readonly ownGroup?: boolean;
  /** Receives the server's log output. Default: keep only the last lines, for the error after an unexpected exit. */
  readonly onStderr?: (text: string) => void;
  /** Time between the end of the server's stdin and the first signal, in `close`. Default 5000 ms. */
  readonly closeTimeoutMs?: number;
}

/**
 * Starts a server and connects to its stdin and stdout: one JSON text on each line (docs/protocol/transport.md §5).
 *
 * The client owns the process: `close` ends it. The server also ends when this process dies, because its stdin closes.
 * The client never reconnects: it closes when the server ends.
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
  // Writing to an ended server fails. `ended` reports the end of the server with its exit code.
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
 * After the end of its stdin a server finishes its queue (docs/protocol/transport.md §5). This is the time for it, in
 * ms.
 */
const DEFAULT_CLOSE_TIMEOUT_MS = 5000;
/** After SIGTERM: the time for the server to end its children, in ms. */
const TERM_GRACE_MS = 2000;

/**
 * Ends stdin, then sends SIGTERM, then SIGKILL. Each step follows only when the previous one did not end the server in
 * time.
 */
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
 * Resolves when the process has ended and its output was read. A child of the process may keep the pipes open: the
 * client waits a moment, then closes them.
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

/** Passes stderr on, and keeps its last lines for the error after an unexpected exit. */
function keepTail(child: ChildProcess, onStderr: ((text: string) => void) | undefined): () => string {
  let tail = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-STDERR_TAIL_CHARS);
    onStderr?.(text);
  });
  return () => (tail.trim() === '' ? '' : `: ${tail.trim()}`);
}
const STDERR_TAIL_CHARS = 2000;
