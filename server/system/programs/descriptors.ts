/**
 * How many file descriptors this process has left, and who may still take some.
 *
 * At the limit every call that opens something fails, also those that end things: removing what was made, looking for
 * processes to kill, reading the settings. And Node leaks a socket pair with every child that it cannot start there
 * (libuv closes one end only).
 * Rule: whatever starts something new asks first (`claimDescriptors`), and is refused while less than a reserve would
 * be left; what ends things never asks. A refusal says how many of how many are in use and what holds them. Long before
 * that, whoever holds what can be had again later (`onScarcity`) gives it back to those who wait (`makeRoom`).
 * Scope: Linux. Elsewhere nothing is refused.
 */
import { CodexdError } from '../../errors/codexd-error.js';
import fs from 'node:fs';

/** What is kept for ending things, and for all that does not ask. */
const MOST_RESERVED = 24;
/** Where the limit is small, a part of it: with 64 open files single commands still run. */
const reserved = (): number => Math.min(MOST_RESERVED, Math.floor(descriptorLimit() / 8));

/** Too many open files, before the kernel says so. The cause has the kernel's own code. */
const descriptorsScarce = (message: string): CodexdError =>
  new CodexdError('machine.descriptors', message, {
    cause: Object.assign(new Error('too many open files'), { code: 'EMFILE' }),
  });

/** Claimed by starts that have not opened them all yet. */
let promised = 0;

/**
 * Promises `count` descriptors to `what` (for the message: "a command"). Returns what ends the promise, to be called
 * when they are open, or will not be. Throws `machine.descriptors` when the reserve would be touched.
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
 * For a part of something that has claimed already: throws `machine.descriptors` when not even the reserve has
 * `count`, so that the kernel would say no in the middle.
 */
export function assertDescriptors(what: string, count: number): void {
  if (freeDescriptors() + promised + reserved() < count) throw descriptorsScarce(scarcity(what));
}

/** Fewer free ones than this are few. */
const comfort = (): number => Math.min(128, Math.floor(descriptorLimit() / 8));
export const descriptorsAreFew = (): boolean => freeDescriptors() < comfort();

const givers = new Set<() => Promise<void>>();
/**
 * `give` is asked to give descriptors back until `descriptorsAreFew` says no; it never rejects. Returns what ends that.
 */
export function onScarcity(give: () => Promise<void>): () => void {
  givers.add(give);
  return () => void givers.delete(give);
}

/** Before something new is started: where few are left, resolves when all have given what they can. */
export async function makeRoom(): Promise<void> {
  if (givers.size > 0 && descriptorsAreFew()) await Promise.all([...givers].map((give) => give()));
}

/** How many more can be opened without touching the reserve; below 0 when it is touched. Infinity: unknown. */
export function freeDescriptors(): number {
  const limit = descriptorLimit();
  return limit === Infinity ? Infinity : limit - openDescriptors() - promised - reserved();
}

/** Since Linux 6.2 the size of that folder is the number of its entries; before it is 0. */
export function openDescriptors(): number {
  return fs.statSync(OWN_DESCRIPTORS).size || fs.readdirSync(OWN_DESCRIPTORS).length - 1;
}
const OWN_DESCRIPTORS = '/proc/self/fd';

let knownLimit: number | null = null;
/**
 * The soft limit; Infinity: none, or unknown. Node has raised it to the hard one when it started; nothing of ours
 * changes it.
 */
export function descriptorLimit(): number {
  return (knownLimit ??= process.platform === 'linux' ? readLimit() : Infinity);
}

function readLimit(): number {
  try {
    const soft = /^Max open files +(\S+)/m.exec(fs.readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return soft === undefined || soft === 'unlimited' ? Infinity : Number(soft);
  } catch (error) {
    // Without /proc nothing can be counted, and the kernel's own refusal is what is left.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Infinity;
    throw error;
  }
}

/** What holds descriptors, and how many of it there are: `lanes`, say. */
const counters = new Set<{ readonly what: string; readonly count: () => number }>();

/** `count` is asked when a start is refused, for the message. Returns what ends that. */
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

/** By the first that fits what `/proc/self/fd/N` leads to. */
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
