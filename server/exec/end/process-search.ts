/**
 * Finds the processes of a command in the process table. process-tree.ts describes which processes belong to a command.
 */
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
} from '../../system/linux/process-table.js';

/** The first process of a command. */
export interface Origin {
  readonly pid: number;
  /** When the command began, in milliseconds since the epoch (Date.now()). */
  readonly since: number;
  /** The newest process id at that time: all other processes of the command got later ones. null: unknown. */
  readonly newestBefore: number | null;
  /**
   * True after its exit: another process may have its pid by then. The ids of its session and group stay in use while a
   * member lives.
   */
  readonly exited: boolean;
}

/** The properties that distinguish a command's processes from all others. */
export interface Traits {
  /** Part of their environment. */
  readonly mark: string;
  /** Inode of a network namespace that only this command uses. */
  readonly networkNamespace: number | null;
  /** All processes except the first are in a pid namespace below ours. */
  readonly sandboxed: boolean;
}

export interface Found {
  /** All living processes except the origin; parents usually come before children. */
  readonly members: readonly ProcessEntry[];
  /** A process that may be a member is in the middle of exec, so its properties cannot be read at this moment. */
  readonly unsure: boolean;
}

/**
 * The first processes of all commands that have not exited. What descends from one of them is no other command's, so
 * that with many commands at once a search reads nothing more about the processes of the others.
 */
const living = new Set<number>();

/** Call it when the first process of a command has started; what it returns, when that process has exited. */
export function countLiving(pid: number): () => void {
  living.add(pid);
  return () => void living.delete(pid);
}

/** Beyond this age of the command, process ids may have wrapped around. */
const TRUST_PID_ORDER_MS = 5000;

/** The daemon's own pid namespace; it never changes. */
let ownNamespace: string | null = null;
const ownPidNamespace = (): string | null => (ownNamespace ??= namespaceOf('self', 'pid'));

/**
 * Searches once. The search can miss a process that starts during it. `newest`: the last process id in use before the
 * search.
 */
export function findMembers(origin: Origin, traits: Traits, newest: number | null = newestPid()): Found {
  const first = Date.now() - origin.since < TRUST_PID_ORDER_MS ? origin.newestBefore : null;
  // The kernel assigns ids in order: no process was started since, so there is nothing to find.
  if (first !== null && newest === first) return { members: [], unsure: false };
  const ids = first === null || newest === null ? processIds() : processIdsAfter(first, newest);
  const outside = traits.sandboxed && origin.exited ? ownPidNamespace() : null;
  const others = ids.filter(
    (pid) =>
      pid !== origin.pid &&
      pid !== process.pid &&
      !living.has(pid) &&
      (outside === null || namespaceOf(pid, 'pid') !== outside),
  );
  const read = others.flatMap((pid) => readProcess(pid) ?? []);
  const entries = read.filter(notOf(otherCommands(origin.pid, read)));
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
  // A process with an empty environment is undecided only while its command line is also empty, that is, during exec.
  const says = environment !== '' || entry.exiting || entry.kernel || commandLineOf(pid) !== '';
  return says ? 'other' : 'unsure';
}

/**
 * Returns the first processes of pid namespaces that are ending. The kernel is about to end every process in such a
 * namespace; it first unmounts the sandbox's mounts. The first process has already lost its environment, and with it
 * its mark. So its command is unknown, and the search does not need to know it.
 */
function endedNamespaces(entries: readonly ProcessEntry[]): number[] {
  return entries.flatMap(({ pid, exiting }) => (exiting && isNamespaceInit(pid) ? [pid] : []));
}

const notOf =
  (pids: ReadonlySet<number>) =>
  ({ pid }: ProcessEntry): boolean =>
    !pids.has(pid);

/** The processes that descend from the first process of another command. */
function otherCommands(own: number, entries: readonly ProcessEntry[]): ReadonlySet<number> {
  const known = new Set(living);
  known.delete(own);
  if (known.size > 0) withDescendants(known, entries);
  return known;
}

/** Adds all descendants of the processes in `known`. */
function withDescendants(known: Set<number>, entries: readonly ProcessEntry[]): void {
  for (let before = -1; before !== known.size;) {
    before = known.size;
    for (const { pid, parent } of entries) if (known.has(parent)) known.add(pid);
  }
}
