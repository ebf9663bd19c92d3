/**
 * How many file descriptors this process has left, and which operations may use them.
 *
 * At the limit every call that opens a file fails, also calls that clean up: removing files, searching for processes to
 * kill, reading the settings. And Node leaks a socket pair for every child that it cannot start then (libuv closes only
 * one end).
 * Rule: an operation that starts something new claims descriptors first (`claimDescriptors`). The claim is refused if
 * fewer than a reserve would be left. Cleanup needs no claim. A refusal says how many descriptors are in use, and for
 * what. Long before that, owners of descriptors that can be opened again later (`onScarcity`) release them before new
 * operations start (`makeRoom`).
 * Scope: Linux. Elsewhere nothing is refused.
 */
import { CodexdError } from '../../errors/codexd-error.js';
import fs from 'node:fs';
import { osCode } from '../../errors/os-code.js';

/** The largest reserve, for cleanup and for all calls without a claim. */
const MOST_RESERVED = 24;
/** A small limit has a smaller reserve: with 64 open files single commands still run. */
const reserved = (): number => Math.min(MOST_RESERVED, Math.floor(descriptorLimit() / 8));

/** Too many open files, before the kernel says so. The cause has the kernel's own code. */
const descriptorsScarce = (message: string): CodexdError =>
  new CodexdError('machine.descriptors', message, {
    cause: Object.assign(new Error('too many open files'), { code: 'EMFILE' }),
  });

/** Descriptors that are claimed but not open yet. */
let promised = 0;

/**
 * Claims `count` descriptors for `what` (for the message: "a command"). Returns a function that ends the claim: call it
 * when the descriptors are open, or will not be opened. Throws `machine.descriptors` if the reserve would be reduced.
 */
export function claimDescriptors(what: string, count: number): () => void {
  if (freeDescriptors() < count) throw descriptorsScarce(scarcity(what));
  promised += count;
  let open = true;
  return () => {
    if (open) promised -= count;
    open = false;
  };
}

/**
 * For a part of an operation with a claim: throws `machine.descriptors` if fewer than `count` descriptors are left, the
 * reserve included. The kernel would refuse them in the middle of the operation.
 */
export function assertDescriptors(what: string, count: number): void {
  if (freeDescriptors() + promised + reserved() < count) throw descriptorsScarce(scarcity(what));
}

/** With fewer free descriptors than this, owners release theirs. */
const comfort = (): number => Math.min(128, Math.floor(descriptorLimit() / 8));
export const descriptorsAreFew = (): boolean => freeDescriptors() < comfort();

const givers = new Set<() => Promise<void>>();
/**
 * Registers `give`, which must release descriptors until `descriptorsAreFew` returns false, and must never reject.
 * Returns a function that ends the registration.
 */
export function onScarcity(give: () => Promise<void>): () => void {
  givers.add(give);
  return () => void givers.delete(give);
}

/** Call it before a new operation: if few descriptors are left, it waits until all owners have released theirs. */
export async function makeRoom(): Promise<void> {
  if (givers.size > 0 && descriptorsAreFew()) await Promise.all([...givers].map((give) => give()));
}

/** How many more can be opened without using the reserve; negative: the reserve is in use. Infinity: unknown. */
export function freeDescriptors(): number {
  const limit = descriptorLimit();
  return limit === Infinity ? Infinity : limit - openDescriptors() - promised - reserved();
}

/** The number of open descriptors. Since Linux 6.2 it is the size of the folder; before, the size is 0. */
export function openDescriptors(): number {
  return fs.statSync(OWN_DESCRIPTORS).size || fs.readdirSync(OWN_DESCRIPTORS).length - 1;
}
const OWN_DESCRIPTORS = '/proc/self/fd';

let knownLimit: number | null = null;
/**
 * The soft limit; Infinity: none, or unknown. Node raises it to the hard limit at its start; codexd does not change it.
 */
export function descriptorLimit(): number {
  return (knownLimit ??= process.platform === 'linux' ? readLimit() : Infinity);
}

function readLimit(): number {
  try {
    const soft = /^Max open files +(\S+)/m.exec(fs.readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return soft === undefined || soft === 'unlimited' ? Infinity : Number(soft);
  } catch (error) {
    // Without /proc descriptors cannot be counted; then only the kernel refuses.
    if (osCode(error) === 'ENOENT') return Infinity;
    throw error;
  }
}

/** The objects that use descriptors, with their number, such as `lanes`. */
const counters = new Set<{ readonly what: string; readonly count: () => number }>();

/** `count` is called for the message of a refusal. Returns a function that ends the registration. */
export function countHolders(what: string, count: () => number): () => void {
  const counter = { what, count };
  counters.add(counter);
  return () => void counters.delete(counter);
}

function heldBy(): string {
  const sums = new Map<string, number>();
  for (const { what, count } of counters) sums.set(what, (sums.get(what) ?? 0) + count());
  return [...sums].map(([what, sum]) => `${what} ${sum}`).join(', ');
}

function scarcity(what: string): string {
  const holders = new Map<string, number>();
  for (const link of openLinks()) {
    const holder = HOLDERS.find(([pattern]) => pattern.test(link))?.[1] ?? 'other files';
    holders.set(holder, (holders.get(holder) ?? 0) + 1);
  }
  const list = [...holders].sort(([, a], [, b]) => b - a).map(([holder, count]) => `${holder} ${count}`);
  return (
    `too many open files: ${openDescriptors()} of ${descriptorLimit()} are in use, held by: ${heldBy() || 'nothing that is counted'} ` +
    `(${list.join(', ')}), and the last ` +
    `${reserved()} are kept for ending things, so ${what} cannot be started now; ` +
    'end commands, unload threads or close connections, or start codexd with a higher limit (ulimit -n)'
  );
}

/** The use of a descriptor, by the first pattern that matches the target of `/proc/self/fd/N`. */
const HOLDERS: readonly (readonly [RegExp, string])[] = [
  [/^socket:/, 'connections and sockets'],
  [/^pipe:/, "commands' pipes"],
  [/^(net|user|pid|mnt):/, 'network lanes'],
  [/\/rollout-[^/]*\.jsonl|\/thread-writer-locks\//, "threads' files"],
  [/^anon_inode:/, 'the event loop'],
  [/^\/dev\/(ptmx|pts)/, 'terminals'],
];

function openLinks(): readonly string[] {
  return fs.readdirSync(OWN_DESCRIPTORS).flatMap((name) => {
    try {
      return [fs.readlinkSync(`${OWN_DESCRIPTORS}/${name}`)];
    } catch {
      return []; // closed since: the one that listed the folder
    }
  });
}
