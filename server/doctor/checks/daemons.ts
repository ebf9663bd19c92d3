/**
 * Checks the daemons of this home: which run, their versions, and whether their package was replaced while they run.
 */
import { messageOf } from '../../errors/message-of.js';
import fs from 'node:fs';
import path from 'node:path';
import { controlSocketPath } from '../../config/settings/control-socket.js';
import { osCode } from '../../errors/os-code.js';
import { runningVersion } from '../../rpc/transports/running-version.js';
import { packageRoot } from '../../package/package-root.js';
import { commandLineOf, environmentOf, processIds } from '../../system/linux/process-table.js';
import { CODEXD_VERSION, PROTOCOL_VERSION } from '../../package/package-version.js';
import { ok, skipped, warn, type Finding } from '../findings/finding.js';
import type { Check } from '../findings/run-checks.js';

export const daemonsCheck: Check = {
  id: 'daemons',
  title: 'Other daemons of this home',
  limitMs: 15_000,
  needsHome: true,
  async run({ home }) {
    if (home.path === null || home.state !== 'folder') {
      return [
        skipped('daemons.control-socket', 'other daemons: not looked for', 'there is no Codex home that can be read'),
      ];
    }
    const folder = fs.realpathSync(home.path);
    return [await controlSocket(folder), ...(process.platform === 'linux' ? running(folder) : [])];
  },
};

/** The default socket, which clients find without configuration. */
async function controlSocket(home: string): Promise<Finding> {
  const id = 'daemons.control-socket';
  const file = controlSocketPath(home);
  if (!isThere(file)) return ok(id, 'no daemon listens on the control socket', file);
  try {
    const version = await runningVersion(file);
    const what = `a daemon that speaks protocol ${version} listens on the control socket`;
    if (version === PROTOCOL_VERSION) return ok(id, what, file);
    return warn(
      id,
      `${what}, and this codexd speaks ${PROTOCOL_VERSION}`,
      'restart the daemon after upgrades, or use the program that it belongs to',
      file,
    );
  } catch (error) {
    const code = osCode(error) ?? '';
    if (code === 'ECONNREFUSED' || code === 'ENOENT') {
      return ok(id, 'a daemon that is gone left its control socket; the next one takes its place', file);
    }
    return warn(
      id,
      'something has the control socket and does not answer',
      `end the process that holds ${file}, and start the daemon again`,
      messageOf(error),
    );
  }
}

function isThere(file: string): boolean {
  try {
    fs.lstatSync(file);
    return true;
  } catch {
    return false;
  }
}

/** This user's serving processes. Other users' processes cannot be inspected, and use other homes. */
function running(home: string): readonly Finding[] {
  const id = 'daemons.running';
  const found = processIds().flatMap((pid) => (pid === process.pid ? [] : daemonOf(pid, home)));
  if (found.length === 0) return [ok(id, 'no other daemon of this home runs')];
  return found.map(({ pid, root, version, replaced }) => {
    const what = `process ${pid} is a codexd ${version ?? '(of an unknown version)'} on this home`;
    if (replaced)
      return warn(
        id,
        `${what}, and its package was replaced while it ran`,
        `restart it (kill -TERM ${pid}, or your service manager)`,
        root,
      );
    if (version !== CODEXD_VERSION)
      return warn(
        id,
        `${what}, and this is ${CODEXD_VERSION}`,
        'use one version on one home: upgrade and restart the other one',
        root,
      );
    return ok(id, what, root === packageRoot() ? '' : root);
  });
}

interface Daemon {
  readonly pid: number;
  /** The folder of its package. */
  readonly root: string;
  /** The current version of that package; null: it is gone. */
  readonly version: string | null;
  readonly replaced: boolean;
}

function daemonOf(pid: number, home: string): readonly Daemon[] {
  const words = commandLineOf(pid)?.split('\0') ?? [];
  const program = words.find((word) => /\/codexd(?:\.cjs)?$/.test(word));
  if (program === undefined || !words.includes('app-server') || words.includes('proxy')) return [];
  const env = environmentOf(pid);
  if (env === null || homeIn(env) !== home) return [];
  const file = realPath(program);
  const root = path.dirname(path.dirname(file ?? program));
  return [
    { pid, root, version: versionIn(root), replaced: file === null || isNewer(path.join(root, 'dist', 'id'), pid) },
  ];
}

function homeIn(env: string): string | null {
  const value = (name: string): string | undefined =>
    env
      .split('\0')
      .find((line) => line.startsWith(`${name}=`))
      ?.slice(name.length + 1);
  const named = value('CODEX_HOME');
  const user = value('HOME');
  if (!named && !user) return null;
  return realPath(named || path.join(user!, '.codex'));
}

function realPath(file: string): string | null {
  try {
    return fs.realpathSync(file);
  } catch {
    return null;
  }
}

function versionIn(root: string): string | null {
  try {
    const { version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as { version?: unknown };
    return typeof version === 'string' ? version : null;
  } catch {
    return null;
  }
}

/**
 * Whether a file was created after the process had started. The folder of a process in /proc is as old as the process.
 */
function isNewer(file: string, pid: number): boolean {
  try {
    return fs.statSync(file).ctimeMs > fs.statSync(`/proc/${pid}`).ctimeMs;
  } catch {
    return false; // The process has ended, or the file is gone: `version` reports it.
  }
}
