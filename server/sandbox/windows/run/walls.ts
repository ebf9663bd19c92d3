/**
 * What a canary must not be able to do, and what it must, by identity; and the judgement about what it did.
 *
 * Threat: a wall that is only believed to stand; an answer that is taken for a refusal and is another error.
 * Rule: a wall is `held` only if Windows refused the access itself, or what was sent did not arrive. `leaked`: it was
 * passed, or a packet came as far as the other end's answer. Everything else is `unreadable`, which is no proof. A
 * sandbox is there only if all are `held`.
 * Scope: the judgement, as data. Non-scope: the attempts (canary.ts), and what they meet (proof.ts).
 */
import type { WindowsIdentity } from '../identity.js';
import { DONE, SILENCE, type CanaryReport } from './canary.js';

export interface Wall {
  /** What it keeps away, or lets through, in words. */
  readonly name: string;
  readonly result: 'held' | 'leaked' | 'unreadable';
  /** Why it is not held. */
  readonly detail?: string;
}

/** The names in a task and its report. */
export type Attempt =
  'inside' | 'outside' | 'denied' | 'home' | 'loopback' | 'local' | 'udpLoopback' | 'udpLocal' | 'lane' | 'network';

/** What was seen from outside of the sandbox. */
export interface Seen {
  /** Attempts that left something behind: a file, a connection, a packet. */
  readonly arrived: ReadonlySet<Attempt>;
  /** Whether the canary's child has ended with it; null: there was none. */
  readonly childEnded: boolean | null;
}

interface Kind {
  readonly name: string;
  readonly judge: (outcome: string) => Wall['result'];
}

const REFUSALS: ReadonlySet<string> = new Set(['EACCES', 'EPERM']);
const isRefused = (outcome: string): boolean => REFUSALS.has(outcome);

const forbidden = (name: string): Kind => ({
  name,
  judge: (outcome) => (isRefused(outcome) ? 'held' : outcome === DONE ? 'leaked' : 'unreadable'),
});
/** A reset is the answer of the other end: nothing stood in between. Loopback never loses a packet by itself. */
const unreachable = (name: string): Kind => ({
  name,
  judge: (outcome) =>
    isRefused(outcome) || outcome === SILENCE
      ? 'held'
      : outcome === DONE || outcome === 'ECONNREFUSED' || outcome === 'ECONNRESET'
        ? 'leaked'
        : 'unreadable',
});
const allowed = (name: string): Kind => ({ name, judge: (outcome) => (outcome === DONE ? 'held' : 'unreadable') });
const reachable = (name: string): Kind => ({
  name,
  judge: (outcome) => (outcome === DONE || outcome === 'ECONNREFUSED' ? 'held' : 'unreadable'),
});

const KINDS: Readonly<Record<Attempt, Kind>> = {
  inside: allowed('writing in a granted folder'),
  outside: forbidden('writing outside of the granted folders'),
  denied: forbidden('reading a denied file'),
  home: forbidden('reading the Codex home'),
  loopback: unreachable('TCP to other ports of loopback'),
  local: unreachable("TCP to this machine's own addresses"),
  udpLoopback: forbidden('UDP on loopback'),
  udpLocal: forbidden("UDP to this machine's own addresses"),
  lane: reachable("TCP to a lane's port"),
  network: reachable('the network of a command with direct network'),
};
const OUTLIVES = 'processes that outlive their command';
/** UDP says nothing to its sender: only what arrives counts, if Windows let it be sent. */
const BY_ARRIVAL: ReadonlySet<Attempt> = new Set(['udpLoopback']);

const FILES = ['inside', 'outside'] as const;
const READS = ['denied', 'home'] as const;
const CONFINED = ['loopback', 'local', 'udpLoopback', 'udpLocal', 'lane'] as const;

/** What is tried as an identity. The caller's own token reads all that the caller reads. */
export const attemptsOf = ({ user, path }: WindowsIdentity): readonly Attempt[] => [
  ...FILES,
  ...(path === 'logon' ? READS : []),
  ...(user === 'offline' ? CONFINED : (['network'] as const)),
];

/** `tried`: the attempts of the task; this machine may have no address for one of them. */
export function judgeWalls(
  tried: readonly Attempt[],
  report: CanaryReport,
  { arrived, childEnded }: Seen,
): readonly Wall[] {
  const walls = tried.map((attempt): Wall => {
    const { name, judge } = KINDS[attempt];
    const outcome = report.outcomes[attempt];
    if (outcome === undefined) return { name, result: 'unreadable', detail: 'the canary did not report it' };
    const mustNot = judge(DONE) === 'leaked';
    if (mustNot && arrived.has(attempt)) return { name, result: 'leaked', detail: 'it arrived' };
    if (outcome === DONE && BY_ARRIVAL.has(attempt)) return { name, result: 'held' };
    const result = judge(outcome);
    return result === 'held' ? { name, result } : { name, result, detail: outcome };
  });
  const outlives: Wall =
    childEnded === null
      ? { name: OUTLIVES, result: 'unreadable', detail: 'no process could be started' }
      : childEnded
        ? { name: OUTLIVES, result: 'held' }
        : { name: OUTLIVES, result: 'leaked' };
  return [...walls, outlives];
}

/** All walls of an identity, for one reason, when no canary ran. */
export const unreadableWalls = (identity: WindowsIdentity, detail: string): readonly Wall[] =>
  [...attemptsOf(identity).map((attempt) => KINDS[attempt].name), OUTLIVES].map((name) => ({
    name,
    result: 'unreadable',
    detail,
  }));

/** The walls that are not held, in words; null: all are. No walls at all are no proof. */
export function wallsProblem(walls: readonly Wall[]): string | null {
  const open = walls.filter(({ result }) => result !== 'held');
  if (walls.length > 0 && open.length === 0) return null;
  if (walls.length === 0) return 'nothing was tried';
  const details = new Set(open.map(({ detail }) => detail));
  const [same] = details;
  // One cause for all: nothing of a list of walls would help.
  if (open.length === walls.length && details.size === 1 && same !== undefined) return same;
  return open
    .map(({ name, result, detail }) => `${name} (${result}${detail === undefined ? '' : `: ${detail}`})`)
    .join('; ');
}
