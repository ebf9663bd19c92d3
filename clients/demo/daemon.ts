import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Daemon {
  /** `ws://127.0.0.1:PORT` */
  readonly url: string;
  readonly socketPath: string;
  readonly pid: number;
  /** Resolves when the daemon has ended, with how. */
  readonly ended: Promise<string>;
  /** SIGTERM, and SIGKILL when that does not help in time. The daemon ends its commands itself. Idempotent. */
  stop(): Promise<void>;
}

export interface DaemonOptions {
  /** `bin/codexd.cjs`. */
  readonly program: string;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Starts `codexd app-server` on a free loopback port and on a unix socket, and resolves when both can be connected to.
 */
export async function startDaemon({ program, cwd, env }: DaemonOptions): Promise<Daemon> {
  const folder = mkdtempSync(path.join(process.env['XDG_RUNTIME_DIR'] ?? tmpdir(), 'codexd-'));
  const socketPath = path.join(folder, 'app-server.sock');
  const args = [program, 'app-server', '--listen', 'ws://127.0.0.1:0', '--listen', `unix://${socketPath}`];
  const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] });

  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log = (log + text).slice(-LOG_CHARS)));
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`cannot be started: ${error.message}`));
    child.once('exit', (code, signal) => resolve(`ended (${signal ?? `exit code ${code}`})\n${log.trim()}`));
  }).finally(() => rmSync(folder, { recursive: true, force: true }));

  let gone: string | undefined;
  void ended.then((how) => (gone = how));
  const giveUp = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    // The banner names the port (docs/protocol/transport.md §7); the unix socket is announced by nothing but its file.
    const url = /listening on: (ws:\S+)/.exec(log)?.[1];
    if (url !== undefined && existsSync(socketPath)) {
      return { url, socketPath, pid: child.pid ?? 0, ended, stop };
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
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(timer);
  }
}

/** Enough for the banner and the last lines of the log. In characters. */
const LOG_CHARS = 8000;
/** A cold start on a slow machine. */
const START_TIMEOUT_MS = 20_000;
const POLL_MS = 20;
/** The daemon's own draining is bounded below this. */
const STOP_TIMEOUT_MS = 15_000;
