/** Finds the processes of a command in the process table (process-tree.ts says whose they are, and what for). */
import {
  commandLineOf,
  environmentOf,
  isNamespaceInit,
  namespaceOf,
  networkNamespaceName,
  newestPid,
  processIds,
  processIdsAfter,
  readProcess,
  type ProcessEntry,
} from '../../system/programs/process-table.js';

/** The process that a command began with. */
export interface Origin {
  readonly pid: number;
  /** When it was started, as Date.now() tells. */
  readonly since: number;
  /** Its number may be another's by now; that of its session and group cannot while somebody is in them. */
  readonly exited: boolean;
}

/** What tells a command's processes from all others, wherever they are. */
export interface Traits {
  /** Is in their environment. */
  readonly mark: string;
  /** Inode of a network namespace that only this command is in. */
  readonly networkNamespace: number | null;
  /** All but the first process are in a pid namespace below ours. */
  readonly sandboxed: boolean;
}

export interface Found {
  /** All living processes but the origin, parents before children as a rule. */
  readonly members: readonly ProcessEntry[];
  /** A process that may be a member is in the middle of exec, and tells nothing of itself for that moment. */
  readonly unsure: boolean;
}

/** Beyond this age, process ids may have gone all the way round since the command started. */
const TRUST_PID_ORDER_MS = 5000;

/** It never changes. */
let ownNamespace: string | null = null;
const ownPidNamespace = (): string | null => (ownNamespace ??= namespaceOf('self', 'pid'));

/** One look; who is born while it lasts can be missed. `newest`: the id that was given out last, before the look. */
export function findMembers(origin: Origin, traits: Traits, newest: number | null = newestPid()): Found {
  const last = Date.now() - origin.since < TRUST_PID_ORDER_MS ? newest : null;
  // Ids are given out in order: nothing was started since, so there is nothing to find.
  if (last === origin.pid) return { members: [], unsure: false };
  const ids = last === null ? processIds() : processIdsAfter(origin.pid, last);
  const outside = traits.sandboxed && origin.exited ? ownPidNamespace() : null;
  const others = ids.filter(
    (pid) => pid !== origin.pid && pid !== process.pid && (outside === null || namespaceOf(pid, 'pid') !== outside),
  );
  const entries = others.flatMap((pid) => readProcess(pid) ?? []);
  const judged = entries.map((entry) => ({ entry, is: judge(entry, origin, traits) }));
  const own = judged.flatMap(({ entry, is }) => (is === 'member' ? [entry.pid] : []));
  const ended = endedNamespaces(entries);
  const known = new Set([...(origin.exited ? [] : [origin.pid]), ...own, ...ended]);
  withDescendants(known, entries);
  for (const pid of ended) if (!own.includes(pid)) known.delete(pid);
  return {
    members: entries.filter(({ pid }) => known.has(pid)),
    unsure: judged.some(({ entry, is }) => is === 'unsure' && !known.has(entry.pid)),
  };
}

function judge(entry: ProcessEntry, origin: Origin, { mark, networkNamespace }: Traits): 'member' | 'unsure' | 'other' {
  const { pid } = entry;
  if (entry.session === origin.pid) return 'member';
  if (networkNamespace !== null && namespaceOf(pid, 'net') === networkNamespaceName(networkNamespace)) return 'member';
  const environment = environmentOf(pid);
  if (environment?.includes(mark)) return 'member';
  // An empty environment is nothing to be unsure of, but nobody lives without a command line.
  const says = environment !== '' || entry.exiting || entry.kernel || commandLineOf(pid) !== '';
  return says ? 'other' : 'unsure';
}

/**
 * Whoever is in a pid namespace whose first process is exiting is about to be ended by the kernel, which first unmounts
 * what the sandbox had mounted. The first process has lost its environment by then, and with it its mark, so whose
 * sandbox it was cannot be told, and need not be.
 */
function endedNamespaces(entries: readonly ProcessEntry[]): number[] {
  return entries.flatMap(({ pid, exiting }) => (exiting && isNamespaceInit(pid) ? [pid] : []));
}

/** Adds everybody below those who are in `known`. */
function withDescendants(known: Set<number>, entries: readonly ProcessEntry[]): void {
  for (let before = -1; before !== known.size;) {
    before = known.size;
    for (const { pid, parent } of entries) if (known.has(parent)) known.add(pid);
  }
}
