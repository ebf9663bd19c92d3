/** The checks of every case: no attempt passes and, as the control, the allowed request does. */
import type { Test } from 'tap';
import type { Attempt, Outcome } from './attempt.js';
import { verdictOf, type Bar } from './bar.js';

/** The attempts get nothing, each is answered or closed, and no address is reached, `except` those named. */
export async function nothingGetsThrough(
  t: Test,
  bar: Bar,
  attempts: readonly Attempt[],
  why: string,
): Promise<readonly Outcome[]> {
  const outcomes = await bar.attack(attempts);
  const hits = bar.internet.take().map(({ address, port, bytes }) => ({ address, port, bytes: bytes() }));
  t.strictSame(hits, [], `${why}: nothing is reached`);
  const through = attempts.filter((attempt, index) => isThrough(attempt, outcomes[index]));
  t.strictSame(through, [], `${why}: nothing is let through`);
  const late = attempts.filter((_, index) => outcomes[index]?.error === 'time is over');
  t.strictSame(late, [], `${why}: everything is answered or closed`);
  return outcomes;
}

/** Each of the attempts reaches this address. */
export async function getsThrough(
  t: Test,
  bar: Bar,
  attempts: readonly Attempt[],
  address: string,
  why = 'the control',
): Promise<void> {
  const outcomes = await bar.attack(attempts);
  const hits = bar.internet.take();
  const reached = [...new Set(hits.map((hit) => hit.address))]; // requests may share a kept connection
  t.strictSame(reached, [address], `${why} reaches ${address}`);
  const stopped = attempts.flatMap((attempt, index) =>
    isThrough(attempt, outcomes[index]) ? [] : [{ attempt, outcome: outcomes[index] }],
  );
  t.strictSame(stopped, [], `${why} is let through`);
}

export const isThrough = (attempt: Attempt, outcome: Outcome | undefined): boolean =>
  outcome !== undefined &&
  (['200', '101', 'socks 0'].includes(verdictOf(attempt, outcome) ?? '') ||
    /reached \S|inside|upgraded/.test(outcome.received));
