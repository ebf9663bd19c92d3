/** Which processes are in an inner process namespace, by facts that every user may read: proc(5), namespaces(7). */
import fs from 'node:fs';
import { osCode } from '../../errors/os-code.js';
import { sharedFresh, type Gathering } from '../node/shared-fresh.js';
import { createSlices } from '../node/slices.js';
import { idLimit, namespaceOf, newestPid, processIds, processIdsAfter, statusOf } from './process-table.js';

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
/** Those who ask share a survey: it takes as long as the work for some clients, and crowds of clients come. */
const GATHERING: Gathering = { quietTurns: 4, mostMs: 20 };
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
  const fresh = known && newest !== null ? processIdsAfter(known.newest, newest) : processIds();
  const outside: number[] = [...(known?.outside ?? [])];
  const rest: number[] = [];
  const suspects: number[] = [];
  const unnamed: number[] = [];
  const slices = createSlices();
  const { namespace: ours, depth } = ownPlace();
  /** `pid`: not outside, as far as its namespace is readable. */
  const judge = (pid: number, status: string): void => {
    rest.push(pid);
    if (isThisUsers(status)) (namespaceDepth(status) > depth ? suspects : unnamed).push(pid);
  };
  for (const pid of fresh) {
    const pause = slices.rest();
    if (pause !== undefined) await pause;
    // The name of its namespace shows it of almost every process; the kernel writes a status in ten times that time.
    if (ours !== null && namespaceOf(pid, 'pid') === ours) outside.push(pid);
    else judge(pid, statusOf(pid) ?? '');
  }
  for (const pid of known?.rest ?? []) {
    const pause = slices.rest();
    if (pause !== undefined) await pause;
    const status = statusOf(pid) ?? '';
    // It was no process of this user, or one whose namespace was not readable or another one.
    if (ours !== null && isThisUsers(status) && namespaceOf(pid, 'pid') === ours) outside.push(pid);
    else judge(pid, status);
  }
  if (!known) seen = newest === null || (idLimit() ?? 0) < MANY_IDS ? null : { outside, rest, newest, at };
  return { suspects, others: [...outside, ...unnamed], anyOnOurNetwork: areAnyOnOurNetwork(suspects) };
}, GATHERING);

interface Place {
  readonly namespace: string | null;
  /** See namespaceDepth. */
  readonly depth: number;
}
let place: Place | null = null;

/** Where this process is, which never changes. It is read again until it is readable. */
function ownPlace(): Place {
  if (place !== null) return place;
  const [namespace, status] = [namespaceOf('self', 'pid'), statusOf('self')];
  const read = { namespace, depth: namespaceDepth(status ?? '') };
  if (namespace !== null && status !== null) place = read;
  return read;
}

/** What the last survey of all processes found, unless ids may have been given again since. */
const stillTrue = (newest: number | null): Seen | null =>
  seen !== null && newest !== null && newest >= seen.newest && performance.now() - seen.at < NO_ID_AGAIN_MS
    ? seen
    : null;

/** Whether this user may act as the process, as far as it is there. */
export const isOfThisUser = (pid: number): boolean => isThisUsers(statusOf(pid) ?? '');

function isThisUsers(status: string): boolean {
  const effective = /^Uid:\s+\d+\s+(\d+)/m.exec(status)?.[1];
  return effective !== undefined && Number(effective) === process.geteuid?.();
}

/** In how many process namespaces it has an id, as far as this /proc shows them. */
const namespaceDepth = (status: string): number => /^NSpid:\s+(.*)$/m.exec(status)?.[1]?.split(/\s+/).length ?? 1;

/** At once: a name is read in less time than a thread costs. */
function areAnyOnOurNetwork(pids: readonly number[]): boolean {
  if (pids.length === 0) return false;
  const ours = networkOf('self');
  return pids.some((pid) => {
    const network = networkOf(pid);
    return network !== 'none' && [ours, 'unknown'].includes(network);
  });
}

function networkOf(pid: number | 'self'): string {
  try {
    return fs.readlinkSync(`/proc/${pid}/ns/net`);
  } catch (error) {
    return isGone(error) ? 'none' : 'unknown';
  }
}

const isGone = (error: unknown): boolean => ['ENOENT', 'ESRCH'].includes(osCode(error) ?? '');
