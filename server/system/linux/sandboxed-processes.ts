/** Which processes are in an inner process namespace, by facts that every user may read: proc(5), namespaces(7). */
import { readFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import { osCode } from '../../errors/os-code.js';
import { sharedFresh } from '../node/shared-fresh.js';
import { createSlices } from '../node/slices.js';
import { idLimit, namespaceOf, newestPid, processIds, processIdsAfter } from './process-table.js';

export interface Survey {
  /** The sandboxed processes of this user, by their ids. */
  readonly suspects: readonly number[];
  /** All other processes that are not known to be another user's. Some may have ended. */
  readonly others: readonly number[];
  /** Whether a sandboxed one is, or may be, on this network. */
  readonly anyOnOurNetwork: boolean;
}

/** What a survey found, which stays true: a process never leaves its process namespace. */
interface Seen {
  /** In our own namespace; some may have ended. */
  readonly outside: readonly number[];
  /** All others that were there. */
  readonly rest: readonly number[];
  /** The newest process before that survey. */
  readonly newest: number;
  readonly at: number;
}

/**
 * Within so many milliseconds no process gets the id of one that has ended, if the kernel has so many ids: it gives
 * every other id first, and to start that many processes takes seconds.
 */
const NO_ID_AGAIN_MS = 500;
const MANY_IDS = 32_768;
/** The last survey that looked at every process. */
let seen: Seen | null = null;

/**
 * The processes, shared by those who ask at once. A survey that follows another looks at the new ones, and again at
 * those that were not outside.
 *
 * Processes that start others and end are not missed: the first process of a sandbox lives as long as any in it.
 */
export const surveyProcesses = sharedFresh(async (): Promise<Survey> => {
  const at = performance.now();
  const newest = newestPid();
  const known = stillTrue(newest);
  const pids = known && newest !== null ? [...known.rest, ...processIdsAfter(known.newest, newest)] : processIds();
  const ours = namespaceOf('self', 'pid');
  const depth = namespaceDepth(statusOf('self'));
  const outside: number[] = [...(known?.outside ?? [])];
  const rest: number[] = [];
  const suspects: number[] = [];
  const unnamed: number[] = [];
  const slices = createSlices();
  for (const pid of pids) {
    const pause = slices.rest();
    if (pause !== undefined) await pause;
    // The name of its namespace shows it of almost every process; the kernel writes a status in ten times that time.
    if (ours !== null && namespaceOf(pid, 'pid') === ours) {
      outside.push(pid);
      continue;
    }
    rest.push(pid);
    const status = statusOf(pid);
    if (isThisUsers(status)) (namespaceDepth(status) > depth ? suspects : unnamed).push(pid);
  }
  if (!known) seen = newest === null || (idLimit() ?? 0) < MANY_IDS ? null : { outside, rest, newest, at };
  return { suspects, others: [...outside, ...unnamed], anyOnOurNetwork: await areAnyOnOurNetwork(suspects) };
});

/** What the last survey of all processes found, unless ids may have been given again since. */
const stillTrue = (newest: number | null): Seen | null =>
  seen !== null && newest !== null && newest >= seen.newest && performance.now() - seen.at < NO_ID_AGAIN_MS
    ? seen
    : null;

/** Whether this user may act as the process, as far as it is there. */
export const isOfThisUser = (pid: number): boolean => isThisUsers(statusOf(pid));

function isThisUsers(status: string): boolean {
  const effective = /^Uid:\s+\d+\s+(\d+)/m.exec(status)?.[1];
  return effective !== undefined && Number(effective) === process.geteuid?.();
}

/** In how many process namespaces it has an id, as far as this /proc shows them. */
const namespaceDepth = (status: string): number => /^NSpid:\s+(.*)$/m.exec(status)?.[1]?.split(/\s+/).length ?? 1;

/** Empty when it is gone, or not ours to read. At once: the kernel makes this text in less time than a thread costs. */
function statusOf(pid: number | 'self'): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'latin1');
  } catch {
    return '';
  }
}

async function areAnyOnOurNetwork(pids: readonly number[]): Promise<boolean> {
  if (pids.length === 0) return false;
  const ours = await networkOf('self');
  const theirs = await Promise.all(pids.map(networkOf));
  return theirs.some((network) => network !== 'none' && [ours, 'unknown'].includes(network));
}

async function networkOf(pid: number | 'self'): Promise<string> {
  try {
    return await fs.readlink(`/proc/${pid}/ns/net`);
  } catch (error) {
    return isGone(error) ? 'none' : 'unknown';
  }
}

const isGone = (error: unknown): boolean => ['ENOENT', 'ESRCH'].includes(osCode(error) ?? '');
