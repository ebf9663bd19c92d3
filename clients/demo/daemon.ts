import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';

export interface Daemon {
  /** `ws://127.0.0.1:PORT` */
  readonly url: string;
  readonly socketPath: string;
  /** The link to the console, which works once. */
  readonly consoleLink: string;
  readonly pid: number;
  /** Resolves when the daemon has ended, with its exit code or signal. */
  readonly ended: Promise<string>;
  /**
   * Sends SIGTERM, then SIGKILL when the daemon does not end in time. The daemon ends its commands itself. Idempotent.
   */
  stop(): Promise<void>;
}

export interface DaemonOptions {
  /** `bin/codexd.cjs`. */
  readonly program: string;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Settings of this daemon alone, `KEY=VALUE` each. */
  readonly settings?: readonly string[];
}

/**
 * Starts `codexd app-server` with the console, on a free loopback port and on a unix socket. Resolves when both accept
 * connections.
 */
export async function startDaemon({ program, cwd, env, settings = [] }: DaemonOptions): Promise<Daemon> {
  const folder = mkdtempSync(path.join(process.env['XDG_RUNTIME_DIR'] ?? tmpdir(), 'codexd-'));
  const socketPath = path.join(folder, 'app-server.sock');
  const listeners = ['--listen', 'ws://127.0.0.1:0', '--listen', `unix://${socketPath}`, '--console'];
  const args = [program, 'app-server', ...listeners, ...settings.flatMap((setting) => ['-c', setting])];
  const child = execa(process.execPath, args, {
    cwd,
    env,
    extendEnv: false,
    stdio: ['ignore', 'ignore', 'pipe'],
    buffer: false,
    reject: false,
    forceKillAfterDelay: STOP_TIMEOUT_MS,
  });

  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log = (log + text).slice(-LOG_CHARS)));
  const ended = child
    .then(({ exitCode, signal, shortMessage }) =>
      exitCode === undefined && signal === undefined
        ? `cannot be started: ${shortMessage}`
        : `ended (${signal ?? `exit code ${exitCode}`})\n${log.trim()}`,
    )
    .finally(() => rmSync(folder, { recursive: true, force: true }));

  let gone: string | undefined;
  void ended.then((how) => (gone = how));
  const giveUp = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    // The banner contains the port (docs/protocol/transport.md §7). The unix socket has no banner: wait for its file.
    const url = /listening on: (ws:\S+)/.exec(log)?.[1];
    const consoleLink = /^ *console: (http:\S+)$/m.exec(log)?.[1];
    if (url !== undefined && consoleLink !== undefined && existsSync(socketPath)) {
      return { url, socketPath, consoleLink, pid: child.pid ?? 0, ended, stop };
    }
    if (gone !== undefined) throw new Error(`the daemon ${gone}`);
    if (performance.now() > giveUp) {
      await stop();
      throw new Error(`the daemon does not listen after ${START_TIMEOUT_MS} ms\n${log.trim()}`);
    }
    await sleep(POLL_MS);
  }

  async function stop(): Promise<void> {
    if (gone === undefined) child.kill('SIGTERM');
    await ended;
  }
}

/** Enough for the banner and the last lines of the log, in characters. */
const LOG_CHARS = 8000;
/** Enough for a first start on a slow machine, in ms. */
const START_TIMEOUT_MS = 20_000;
const POLL_MS = 20;
/** Longer than the daemon needs to end its work, in ms. */
const STOP_TIMEOUT_MS = 15_000;
