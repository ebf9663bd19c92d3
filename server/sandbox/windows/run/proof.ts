/**
 * Proves on this machine that the walls of a sandbox user stand: canaries try to pass them.
 *
 * Threat: a firewall that another program has switched off, a file system without access lists, a system that reports
 * success and does nothing (Wine). A sandbox that was proved on another machine.
 * Rule: a canary is a command like every other one: the same launcher, runner, token and lists. Each wall is tried and
 * judged (walls.ts), also from outside: files, connections and packets that arrive count, whatever the canary says. The
 * folder outside is one that the user itself may write, so that the token alone keeps the canary out.
 * Scope: one identity at a time; at the set-up, and before the daemon's first command of it. Non-scope: hosts on the
 * internet, which no proof may contact; a firewall that is switched off after the proof.
 */
import { randomUUID } from 'node:crypto';
import dgram from 'node:dgram';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { messageOf } from '../../../errors/message-of.js';
import type { PermissionProfile } from '../../../config/permissions/permission-profile.js';
import { osCode } from '../../../errors/os-code.js';
import { temporaryFolder } from '../../../system/files/scratch.js';
import type { ProcessJobs } from '../../../system/programs/process-jobs.js';
import { runHelper } from '../../../system/programs/start-program.js';
import type { Sandbox, SandboxedCommand, SandboxRequest } from '../../policy/sandbox.js';
import { isReport, type CanaryReport, type CanaryTask, type Endpoint } from './canary.js';
import type { WindowsIdentity } from '../identity.js';
import { launcherEnvironment } from './launcher-environment.js';
import { attemptsOf, judgeWalls, unreadableWalls, type Attempt, type Seen, type Wall } from './walls.js';

export interface ProofOptions {
  readonly identity: WindowsIdentity;
  readonly codexHome: string;
  /** Ports for lanes; one of them must be reachable. */
  readonly lanePorts: readonly number[];
  /** Makes a command of the identity. */
  readonly wrap: Sandbox['wrap'];
  /** The command line of the canary; its task follows. */
  readonly canary: readonly string[];
  readonly jobs: ProcessJobs;
}

/** A canary that reports nothing for so long is stuck, on a busy machine too. */
const CANARY_MS = 120_000;
/** How long processes may take to disappear after they were killed. */
const END_MS = 5000;

/** Never throws: what goes wrong makes walls unreadable. */
export async function proveWalls(options: ProofOptions): Promise<readonly Wall[]> {
  const base = path.join(temporaryFolder(), `codexd-proof-${randomUUID()}`);
  const places = {
    inside: path.join(base, 'inside'),
    outside: path.join(base, 'outside'),
    denied: path.join(base, 'denied', 'file'),
    home: path.join(options.codexHome, 'tmp', `codexd-proof-${randomUUID()}`),
  };
  const listeners: Listeners = { stop: [], arrived: new Set() };
  try {
    for (const folder of [places.inside, places.outside, path.dirname(places.denied), path.dirname(places.home)])
      fs.mkdirSync(folder, { recursive: true });
    for (const file of [places.denied, places.home]) fs.writeFileSync(file, 'canary');
    const task = await makeTask(options, places, listeners);
    const report = await runCanary(options, places, task);
    if (typeof report === 'string') return unreadableWalls(options.identity, report);
    const seen = await look(report, places, listeners);
    return judgeWalls(attemptsIn(task), report, seen);
  } catch (error) {
    return unreadableWalls(options.identity, messageOf(error));
  } finally {
    for (const stop of listeners.stop) stop();
    for (const place of [base, places.home]) remove(place);
  }
}

type Places = Readonly<Record<'inside' | 'outside' | 'denied' | 'home', string>>;

interface Listeners {
  readonly stop: (() => void)[];
  readonly arrived: Set<Attempt>;
  /** Sends a packet of the daemon after those of the canary, and waits for it. */
  flush?: () => Promise<void>;
}

async function makeTask(
  { identity, lanePorts }: ProofOptions,
  places: Places,
  listeners: Listeners,
): Promise<CanaryTask> {
  const attempts = new Set(attemptsOf(identity));
  const [tcp, udp]: [Record<string, Endpoint>, Record<string, Endpoint>] = [{}, {}];
  const file = (attempt: 'inside' | 'outside'): string => path.join(places[attempt], 'canary');
  const local = ownAddress();
  const listening = await listen(listeners);
  if (attempts.has('network')) tcp.network = { host: '127.0.0.1', port: listening.tcp };
  if (attempts.has('loopback')) tcp.loopback = { host: '127.0.0.1', port: listening.tcp };
  if (attempts.has('udpLoopback')) udp.udpLoopback = { host: '127.0.0.1', port: listening.udp };
  // The port is closed there: a reset is an answer. Where the machine has no such address, there is no such way out.
  if (attempts.has('local') && local !== null) tcp.local = { host: local, port: listening.tcp };
  if (attempts.has('udpLocal') && local !== null) udp.udpLocal = { host: local, port: listening.udp };
  const [lane] = lanePorts;
  if (attempts.has('lane') && lane !== undefined) tcp.lane = { host: '127.0.0.1', port: lane };
  return {
    write: { inside: file('inside'), outside: file('outside') },
    read: attempts.has('denied') ? { denied: places.denied, home: places.home } : {},
    tcp,
    udp,
  };
}

const attemptsIn = ({ write, read, tcp, udp }: CanaryTask): readonly Attempt[] =>
  [write, read, tcp, udp].flatMap((part) => Object.keys(part) as Attempt[]);

/** The first address of this machine that is not loopback. */
function ownAddress(): string | null {
  const all = Object.values(os.networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ internal, family }) => !internal && family === 'IPv4')?.address ?? null;
}

async function listen(listeners: Listeners): Promise<{ readonly tcp: number; readonly udp: number }> {
  const server = net.createServer((socket) => {
    listeners.arrived.add('loopback');
    socket.on('error', () => {});
    socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  listeners.stop.push(() => server.close());
  const socket = dgram.createSocket('udp4');
  let flushed = (): void => {};
  socket.on('message', (data) => (data.toString() === 'flush' ? flushed() : listeners.arrived.add('udpLoopback')));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  listeners.stop.push(() => socket.close());
  const { port: udp } = socket.address();
  listeners.flush = () =>
    new Promise((resolve) => {
      flushed = resolve;
      socket.send('flush', udp, '127.0.0.1');
    });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has a port');
  return { tcp: address.port, udp };
}

/** The canary's report, or why there is none. */
async function runCanary(
  { identity, wrap, canary, jobs }: ProofOptions,
  places: Places,
  task: CanaryTask,
): Promise<CanaryReport | string> {
  const request = (roots: readonly string[], job: string | null): SandboxRequest => ({
    argv: [...canary, JSON.stringify(task)],
    cwd: places.inside,
    // Node starts nothing without a PATH.
    env: { ...launcherEnvironment(process.env), PATH: path.dirname(process.execPath) },
    profile: profileFor(identity, roots, path.dirname(places.denied)),
    workspaceRoots: [],
    network: identity.user === 'offline' ? 'lane' : 'direct',
    terminal: false,
    job,
  });
  // Once, so that the user itself may write outside: then only the token keeps the canary out.
  (await wrap(request([places.inside, places.outside], null))).release();
  jobs.guard();
  const job = jobs.create();
  let command: SandboxedCommand | null = null;
  try {
    command = await wrap(request([places.inside], job.name));
    const { code, stdout, stderr } = await runHelper([command.file, ...command.args], {
      env: command.env,
      timeoutMs: CANARY_MS,
      onStart: (pid) => job.add(pid),
    });
    const report = code === 0 ? reportIn(stdout) : null;
    return report ?? (stderr.trim().replace(/^codexd: /, '') || `the canary ended with ${code} and reported nothing`);
  } finally {
    job.close();
    command?.release();
  }
}

function profileFor({ path: way }: WindowsIdentity, roots: readonly string[], denied: string): PermissionProfile {
  return {
    id: 'proof',
    extends: null,
    filesystem: {
      kind: 'restricted',
      entries: [
        { target: { kind: 'root' }, access: 'read' },
        ...roots.map((root) => ({ target: { kind: 'path', path: root }, access: 'write' }) as const),
        ...(way === 'logon' ? ([{ target: { kind: 'path', path: denied }, access: 'deny' }] as const) : []),
      ],
      globScanMaxDepth: null,
    },
    networkEnabled: true,
    enforcement: 'ours',
  };
}

function reportIn(text: string): CanaryReport | null {
  try {
    const value: unknown = JSON.parse(text);
    return isReport(value) ? value : null;
  } catch {
    return null;
  }
}

async function look({ child }: CanaryReport, places: Places, listeners: Listeners): Promise<Seen> {
  await listeners.flush?.();
  if (fs.existsSync(path.join(places.outside, 'canary'))) listeners.arrived.add('outside');
  return { arrived: listeners.arrived, childEnded: child === null ? null : await ended(child) };
}

async function ended(pid: number): Promise<boolean> {
  for (const until = Date.now() + END_MS; Date.now() < until;) {
    if (!exists(pid)) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return !exists(pid);
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return osCode(error) !== 'ESRCH'; // EPERM: it is another user's.
  }
}

function remove(place: string): void {
  try {
    fs.rmSync(place, { recursive: true, force: true });
  } catch {
    // The system's temporary folder is cleaned by the system.
  }
}
