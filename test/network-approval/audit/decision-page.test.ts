import t from 'tap';
import { createDecisionLog, type DecisionLog } from '../../../server/network-approval/audit/decision-log.js';
import { readPage, type DecisionQuery } from '../../../server/network-approval/audit/decision-page.js';
import { decision } from '../support/decision.js';

const ALL: DecisionQuery = {
  cursor: null,
  limit: null,
  threadId: null,
  processId: null,
  verdict: null,
  direction: 'asc',
};

function page(log: DecisionLog, query: Partial<DecisionQuery> = {}) {
  const read = readPage(log, { ...ALL, ...query });
  if (read === null) throw new Error('not a cursor');
  return { ...read, hosts: read.entries.map(({ host }) => host).join(' ') };
}

function logOf(hosts: string, capacity = 100): DecisionLog {
  const log = createDecisionLog({ capacity });
  for (const host of hosts.split(' ').filter(Boolean)) log.record(decision(host));
  return log;
}

t.test('pages follow each other in both directions, and the last one is marked', async (t) => {
  const log = logOf('a b c d e');
  for (const [direction, expected] of [
    ['asc', ['a b', 'c d', 'e']],
    ['desc', ['e d', 'c b', 'a']],
  ] as const) {
    const found: string[] = [];
    let cursor: string | null = null;
    do {
      const read: ReturnType<typeof page> = page(log, { direction, limit: 2, cursor });
      found.push(read.hosts);
      t.equal(read.dropped, 0);
      cursor = read.nextCursor;
    } while (cursor !== null);
    t.strictSame(found, expected, direction);
  }
});

t.test('a reader that continues receives exactly the new entries', async (t) => {
  const log = logOf('a b');
  const first = page(log, { direction: 'desc' });
  t.equal(first.hosts, 'b a');
  log.record(decision('c'));
  const second = page(log, { cursor: first.latestCursor });
  t.equal(second.hosts, 'c');
  t.equal(page(log, { cursor: second.latestCursor }).hosts, '');
  log.record(decision('d'));
  t.equal(page(log, { cursor: second.latestCursor }).hosts, 'd');
});

t.test('an empty log has a position to continue from', async (t) => {
  const log = logOf('');
  const { hosts, nextCursor, latestCursor, dropped } = page(log);
  t.strictSame([hosts, nextCursor, dropped], ['', null, 0]);
  log.record(decision('a'));
  t.equal(page(log, { cursor: latestCursor }).hosts, 'a');
});

t.test('a cursor of dropped entries reports how many are gone', async (t) => {
  const log = logOf('a b', 3);
  const { latestCursor } = page(log);
  for (const host of ['c', 'd', 'e', 'f', 'g']) log.record(decision(host));
  const read = page(log, { cursor: latestCursor });
  t.strictSame([read.hosts, read.dropped, read.restarted], ['e f g', 2, false], 'c and d');
  t.equal(page(log, { cursor: read.latestCursor }).dropped, 0);
  t.equal(page(log).dropped, 4, 'without a cursor: since the beginning');
  const back = page(log, { direction: 'desc', limit: 2 });
  t.strictSame([back.hosts, back.dropped], ['g f', 0], 'not yet come to');
  const last = page(log, { direction: 'desc', cursor: back.nextCursor });
  t.strictSame([last.hosts, last.dropped, last.nextCursor], ['e', 4, null]);
});

t.test('a cursor of an earlier daemon begins again and reports that', async (t) => {
  const { latestCursor } = page(logOf('x y z'));
  const read = page(logOf('a b'), { cursor: latestCursor });
  t.strictSame([read.hosts, read.restarted], ['a b', true]);
});

t.test('filters select entries, and a short page still leads to the next one', async (t) => {
  const log = createDecisionLog();
  const thread = { kind: 'thread', threadId: 't1', turnId: 'u', itemId: null } as const;
  const process = { kind: 'connection', connectionId: 1, requestId: 1, processId: 'p1' } as const;
  log.record(decision('a', { owner: thread }));
  log.record(decision('b', { owner: process, verdict: 'deny', reason: 'denied' }));
  log.record(decision('c', { owner: thread, verdict: 'deny', reason: 'denied' }));
  log.record(decision('d'));
  const rows: [why: string, query: Partial<DecisionQuery>, hosts: string][] = [
    ['of one thread', { threadId: 't1' }, 'a c'],
    ['of one process', { processId: 'p1' }, 'b'],
    ['refusals', { verdict: 'deny' }, 'b c'],
    ['both hold', { verdict: 'deny', threadId: 't1' }, 'c'],
    ['of no thread', { threadId: 'p1' }, ''],
  ];
  for (const [why, query, hosts] of rows) {
    t.equal(page(log, query).hosts, hosts, why);
    t.equal(
      page(log, { ...query, direction: 'desc' }).hosts,
      hosts.split(' ').reverse().join(' '),
      `${why}, backwards`,
    );
  }
  const { nextCursor } = page(log, { threadId: 't1', limit: 1 });
  t.equal(page(log, { threadId: 't1', cursor: nextCursor }).hosts, 'c');
});

t.test('a limit is cut to 1 to 1000; an invalid cursor is refused', async (t) => {
  const log = logOf(Array.from({ length: 1200 }, (_, n) => `h${n}`).join(' '), 5000);
  t.equal(page(log).entries.length, 100);
  t.equal(page(log, { limit: 0 }).entries.length, 1);
  t.equal(page(log, { limit: 5000 }).entries.length, 1000);
  for (const cursor of ['', 'x', '1', `${log.id}.`, `${log.id}.-1`, `${log.id}.1e3`, `${log.id}.9999999999999999`])
    t.equal(readPage(log, { ...ALL, cursor }), null, cursor);
  t.equal(page(log, { cursor: `${log.id}.999999` }).hosts, '', 'a place after the end is the end');
});
