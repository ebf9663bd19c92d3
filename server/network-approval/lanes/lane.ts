/**
 * Makes one lane: a network namespace with only loopback, and sockets bound inside it that only the daemon holds. The
 * helper ends once it has sent them. The daemon keeps the two namespaces open by descriptor, so an idle lane costs no
 * process.
 *
 * Threat: a lane that does not isolate (the helper ran in the host's network), or one that another process can enter.
 * Rule: the namespaces are compared with the daemon's own before the lane is used. They can be reached only through
 * open descriptors of the daemon's process.
 */
import { messageOf } from '../../errors/message-of.js';
import { isCode } from '../../errors/codexd-error.js';
import type { ChildProcess } from 'node:child_process';
import dgram from 'node:dgram';
import fs from 'node:fs';
import { nodeTextCommand } from '../../package/own-node.js';
import { packageRoot } from '../../package/package-root.js';
import { readPart } from '../../package/package-parts.js';
import { isTransient, osTroubleText, PASSES, TRANSIENT_WORDS } from '../../system/node/os-errors.js';
import { startProgram } from '../../system/programs/start-program.js';
import { systemProgram, SystemProgramError, type TrustedProgram } from '../../system/programs/system-program.js';
import { laneError } from '../../errors/network-errors.js';
import type { LaneHelperMessage } from './helper-messages.js';

/** A socket of Node's own kind (a TCP handle): `net.Server.listen` accepts it. */
export interface BoundSocket {
  readonly handle: object;
  readonly port: number;
}

/** The sockets of one command: they serve one command and are closed with it. */
export interface SocketPair {
  readonly http: BoundSocket;
  readonly socks: BoundSocket;
  /** In a lane for `transparent_tcp`: those that get every TCP connection, one for each family of addresses. */
  readonly transparent: readonly BoundSocket[];
}

export interface Lane {
  /** The words before the argv of a command in the lane. */
  readonly enter: readonly string[];
  /** Inode of the network namespace. */
  readonly networkNamespace: number;
  readonly pairs: readonly SocketPair[];
  /** In a lane for `transparent_tcp`: the sockets that get the questions to name servers. They are the lane's. */
  readonly resolvers: readonly dgram.Socket[];
  /**
   * Closes the namespaces, the resolvers and the given sockets. The kernel frees the lane when the last process inside
   * it is gone.
   */
  close(unused: readonly SocketPair[]): void;
}

export interface LaneTools {
  readonly bubblewrap: TrustedProgram;
  /** Absolute path of util-linux's nsenter. */
  readonly nsenter: string;
  /** The text of the helper's file in dist/, because an upgrade may replace the file. */
  readonly helper: string;
  /** Which helper it is. */
  readonly kind: LaneKind;
}

/** `transparent`: for commands with `transparent_tcp`, whose programs need not know a proxy. */
export type LaneKind = 'proxies' | 'transparent';

/**
 * A helper that sends nothing for this long counts as stuck; in milliseconds. It finishes after 60 on an idle machine.
 * But Node waits for a receipt of every socket, so each costs two turns of the scheduler: many seconds on a busy
 * machine.
 */
const HELPER_SILENCE_MS = 20_000;
/** How long an ended process may keep its stderr open, through a process that it left behind; in milliseconds. */
const LAST_WORDS_MS = 200;
/** Characters of the helper's error output in a `network.lane` error. */
const MAX_REASON = 500;
const FIX_NAMESPACES =
  'Allow unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1, user.max_user_namespaces and user.max_net_namespaces above 0, on Ubuntu kernel.apparmor_restrict_unprivileged_userns=0), or turn the network proxy off for this profile';

/** What the helper of a lane for `transparent_tcp` needs in its own namespaces: routes, rules, port 53. */
const TRANSPARENT_CAPABILITIES = ['--cap-add', 'CAP_NET_ADMIN', '--cap-add', 'CAP_NET_BIND_SERVICE'];

/** Returns the helper's program. Throws `network.lane`. */
export function defaultLaneHelper(kind: LaneKind): string {
  try {
    return readPart(kind === 'transparent' ? 'transparent-helper.cjs' : 'lane-helper.cjs');
  } catch (error) {
    throw laneError(messageOf(error), 'Install codexd again, or build it: npm run build');
  }
}

/** util-linux's nsenter. Throws `network.lane`. */
export function findNsenter(): TrustedProgram {
  try {
    return systemProgram('nsenter');
  } catch (error) {
    throw error instanceof SystemProgramError ? laneError(error.reason, error.fix) : error;
  }
}

/**
 * Makes `count` pairs of sockets in their own namespace. Rejects with `network.lane`. `onSpawn` receives the helper, so
 * that the caller can end it early.
 */
export async function makeLane(
  tools: LaneTools,
  count: number,
  onSpawn: (helper: ChildProcess) => void,
): Promise<Lane> {
  const isTransparent = tools.kind === 'transparent';
  const words = isTransparent ? [packageRoot(), String(count)] : [String(count)];
  const helper = startProgram(
    tools.bubblewrap,
    // prettier-ignore
    ['--dev-bind', '/', '/', '--unshare-user', '--unshare-net', ...(isTransparent ? TRANSPARENT_CAPABILITIES : []), '--',
     ...nodeTextCommand(tools.helper, words)],
    { env: {}, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] },
  );
  onSpawn(helper);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    helper.kill('SIGKILL');
  }, HELPER_SILENCE_MS);
  helper.on('message', () => timer.refresh());
  const sockets: BoundSocket[] = [];
  const resolvers: dgram.Socket[] = [];
  const namespaces: number[] = [];
  try {
    const { pid, ports, perCommand } = await receiveSockets(helper, tools.kind, sockets, resolvers);
    for (const kind of ['user', 'net']) namespaces.push(openNamespace(pid, kind));
    await dismiss(helper);
    const [user, network] = namespaces.map((fd) => `/proc/${process.pid}/fd/${fd}`);
    const pairs = Array.from({ length: Math.floor(ports.length / perCommand) }, (_, i) => {
      const [http, socks, ...transparent] = sockets.slice(perCommand * i, perCommand * (i + 1));
      if (http === undefined || socks === undefined || (isTransparent && transparent.length === 0))
        throw laneError('a socket is missing', FIX_NAMESPACES);
      return { http, socks, transparent };
    });
    return {
      enter: [tools.nsenter, `--user=${user}`, `--net=${network}`, '--preserve-credentials', '--'],
      networkNamespace: fs.statSync(`${network}`).ino,
      pairs,
      resolvers,
      close(unused) {
        for (const { http, socks, transparent } of unused)
          for (const socket of [http, socks, ...transparent]) closeHandle(socket.handle);
        for (const socket of resolvers.splice(0)) socket.close();
        for (const fd of namespaces.splice(0)) fs.closeSync(fd);
      },
    };
  } catch (error) {
    endHelper(helper);
    for (const { handle } of sockets) closeHandle(handle);
    for (const socket of resolvers) socket.close();
    for (const fd of namespaces) fs.closeSync(fd);
    if (late) {
      const seconds = HELPER_SILENCE_MS / 1000;
      throw laneError(`the lane helper said nothing for ${seconds} s: the machine is too busy`, PASSES);
    }
    if (isCode(error, 'network.lane')) throw error;
    throw laneError(osTroubleText(error) ?? messageOf(error), isTransient(error) ? PASSES : FIX_NAMESPACES);
  } finally {
    clearTimeout(timer);
  }
}

/** bubblewrap puts its name first. What the helper of `transparent_tcp` says has its own remedy with it. */
const fixFor = (said: string, kind: LaneKind): string =>
  kind === 'proxies' || said.trim() === '' || said.startsWith('bwrap:') ? FIX_NAMESPACES : WITHOUT_TRANSPARENT;
const WITHOUT_TRANSPARENT = 'Or remove `transparent_tcp = true` from the profile, and tell programs to use the proxy';

type FirstMessage = Extract<LaneHelperMessage, { readonly pid: number }>;

/** Fills `sockets` and `resolvers` in the order in which the helper sends them. */
function receiveSockets(
  helper: ChildProcess,
  kind: LaneKind,
  sockets: BoundSocket[],
  resolvers: dgram.Socket[],
): Promise<FirstMessage> {
  return new Promise((resolve, reject) => {
    let first: FirstMessage | undefined;
    let said = '';
    helper.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-MAX_REASON)));
    helper.once('error', reject);
    void ended(helper).then(({ code, signal }) => {
      const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
      const problem = `bubblewrap or the lane helper ended with ${how}: ${said.trim() || 'no message'}`;
      reject(laneError(problem, TRANSIENT_WORDS.test(said) ? PASSES : fixFor(said, kind)));
    });
    helper.on('message', (message: LaneHelperMessage, handle: unknown) => {
      if ('pid' in message) first = message;
      else if (first !== undefined && message.index >= first.ports.length && handle instanceof dgram.Socket) {
        // A datagram that cannot be received is lost, as datagrams are; it must not end the daemon.
        resolvers.push(handle.unref().on('error', () => {}));
      } else if (first !== undefined && typeof handle === 'object' && handle !== null) {
        sockets.push({ handle, port: first.ports[message.index] ?? 0 });
      } else return reject(laneError('the lane helper sent no socket', FIX_NAMESPACES));
      if (sockets.length === first?.ports.length && resolvers.length === first.resolvers) resolve(first);
    });
  });
}

/** Opens a namespace of the helper, which still runs. Refuses one that is the daemon's own. */
function openNamespace(pid: number, kind: string): number {
  const fd = fs.openSync(`/proc/${pid}/ns/${kind}`, fs.constants.O_RDONLY);
  if (fs.fstatSync(fd).ino !== fs.statSync(`/proc/self/ns/${kind}`).ino) return fd;
  fs.closeSync(fd);
  throw laneError(`bubblewrap made no ${kind} namespace`, FIX_NAMESPACES);
}

/** Any message from the daemon ends the helper. While the helper runs, a process could reach the lane. */
async function dismiss(helper: ChildProcess): Promise<void> {
  const gone = ended(helper);
  await new Promise<void>((resolve, reject) => {
    helper.send('done', (error) => (error === null ? resolve() : reject(error)));
  });
  await gone;
}

/** Resolves when the process has ended and its stderr is read. ('close' does not fire when we end the channel.) */
async function ended(helper: ChildProcess): Promise<{ readonly code: number | null; readonly signal: string | null }> {
  const exit = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    helper.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const silent = new Promise((resolve) => helper.stderr?.once('close', resolve));
  const how = await exit;
  await Promise.race([silent, new Promise((resolve) => setTimeout(resolve, LAST_WORDS_MS).unref())]);
  return how;
}

/**
 * The helper ends when its channel closes, also when the daemon is killed. The helper is not killed, and bubblewrap
 * does not get `--die-with-parent`. Killed at the wrong moment, bubblewrap leaves a child that waits for it forever.
 */
export function endHelper(helper: ChildProcess): void {
  if (helper.connected) helper.disconnect();
}

/** A handle that never listened; closing it twice is harmless. */
function closeHandle(handle: object): void {
  (handle as { close?: () => void }).close?.();
}
