/**
 * A canary: a command that tries to pass the walls of its sandbox, and says what happened. It decides nothing
 * (proof.ts does).
 */
import dgram from 'node:dgram';
import fs from 'node:fs';
import net from 'node:net';
import { osCode } from '../../../errors/os-code.js';
import { nodeTextCommand } from '../../../package/own-node.js';
import { startDetached } from '../../../system/programs/start-program.js';

/** What it tries. Paths are absolute; a list without entries is not tried. */
export interface CanaryTask {
  readonly write: Readonly<Record<string, string>>;
  readonly read: Readonly<Record<string, string>>;
  readonly tcp: Readonly<Record<string, Endpoint>>;
  readonly udp: Readonly<Record<string, Endpoint>>;
}

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** `done`, or the code of the error: EACCES, ECONNREFUSED, SILENCE (no answer in time), … */
export type Outcome = string;

export interface CanaryReport {
  readonly outcomes: Readonly<Record<string, Outcome>>;
  /** A process that it left running; null: it could not start one. */
  readonly child: number | null;
}

export const DONE = 'done';
export const SILENCE = 'SILENCE';
const SILENCE_MS = 3000;

/** Never throws. */
export async function tryWalls({ write, read, tcp, udp }: CanaryTask): Promise<CanaryReport> {
  const tried = await Promise.all([
    ...each(write, (file) => fs.writeFileSync(file, 'canary')),
    ...each(read, (file) => void fs.readFileSync(file)),
    ...each(tcp, connect),
    ...each(udp, send),
  ]);
  return { outcomes: Object.fromEntries(tried), child: leaveChild() };
}

function each<T>(
  tasks: Readonly<Record<string, T>>,
  attempt: (task: T) => Promise<void> | void,
): readonly Promise<[string, Outcome]>[] {
  return Object.entries(tasks).map(async ([name, task]): Promise<[string, Outcome]> => {
    try {
      await attempt(task);
      return [name, DONE];
    } catch (error) {
      return [name, osCode(error) ?? 'UNKNOWN'];
    }
  });
}

const silence = (): Error => Object.assign(new Error('no answer'), { code: SILENCE });

function connect({ host, port }: Endpoint): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host, port });
    socket.setTimeout(SILENCE_MS, () => socket.destroy(silence()));
    socket.once('connect', () => {
      resolve();
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

function send({ host, port }: Endpoint): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = dgram.createSocket(net.isIPv6(host) ? 'udp6' : 'udp4');
    socket.once('error', reject);
    socket.send('canary', port, host, (error) => {
      socket.close();
      if (error) reject(error);
      else resolve();
    });
  });
}

/** A process that does not end by itself, with nothing that connects it to this one. */
function leaveChild(): number | null {
  try {
    return startDetached(nodeTextCommand('setInterval(() => {}, 1000)', []));
  } catch {
    return null;
  }
}

export function isReport(value: unknown): value is CanaryReport {
  if (typeof value !== 'object' || value === null || !('outcomes' in value) || !('child' in value)) return false;
  const { outcomes, child } = value;
  return (
    typeof outcomes === 'object' &&
    outcomes !== null &&
    Object.values(outcomes).every((outcome) => typeof outcome === 'string') &&
    (child === null || (typeof child === 'number' && Number.isInteger(child)))
  );
}
