import t from 'tap';
import { because, matching, NO_FILTER, verdicts } from '../../../clients/console/state/decision-filter.js';
import { createDecisions, type Decision } from '../../../clients/console/state/decisions.js';
import { fakeServer } from './fake-server.js';

const decision = (sequence: number, more: Partial<Decision> = {}): Decision =>
  ({
    sequence,
    registrationId: `run-${sequence}`,
    threadId: null,
    processId: null,
    mcpServer: null,
    program: 'npm',
    host: 'a.test',
    port: 443,
    verdict: 'allow',
    reason: null,
    rule: null,
    source: 'baseline_policy',
    ...more,
  }) as Decision;
const page = (data: readonly Decision[], more: object = {}): object => ({
  data,
  nextCursor: null,
  latestCursor: 'c1',
  dropped: 0,
  restarted: false,
  ...more,
});
const numbers = (list: readonly Decision[]): number[] => list.map(({ sequence }) => sequence);

t.test('the first list is newest first, later ones continue at the cursor', async (t) => {
  const fake = fakeServer();
  const { all, refresh } = createDecisions(fake.server);
  fake.answer('network/decisions/list', page([decision(2), decision(1)]));
  await refresh();
  fake.notify('operator/network/decided', { data: [decision(3)], dropped: 0 });
  t.strictSame(numbers(all.value), [1, 2, 3]);
  fake.answer('network/decisions/list', page([decision(3), decision(4)], { dropped: 7 }));
  await refresh();
  t.match(fake.requests.at(-1)?.params, { cursor: 'c1', sortDirection: 'asc' });
  t.strictSame(numbers(all.value), [1, 2, 3, 4]);
});

t.test('a gap in the numbers is filled from the list, not shown', async (t) => {
  const fake = fakeServer();
  const { all, refresh } = createDecisions(fake.server);
  fake.answer('network/decisions/list', page([decision(1)]));
  await refresh();
  fake.answer('network/decisions/list', page([decision(2), decision(3), decision(4)]));
  fake.notify('operator/network/decided', { data: [decision(4)], dropped: 0 });
  await refresh();
  t.strictSame(numbers(all.value), [1, 2, 3, 4]);
});

t.test('another daemon starts a list of its own', async (t) => {
  const fake = fakeServer();
  const { all, refresh } = createDecisions(fake.server);
  fake.answer('network/decisions/list', page([decision(9)]));
  await refresh();
  fake.answer('network/decisions/list', page([decision(1)], { restarted: true }));
  await refresh();
  t.strictSame(numbers(all.value), [1]);
});

t.test('filters by verdict, host with port, and command', async (t) => {
  const list = [
    decision(1),
    decision(2, { verdict: 'deny', host: 'b.test', port: 80 }),
    decision(3, { mcpServer: 'Notes' }),
  ];
  t.strictSame(numbers(matching(list, { ...NO_FILTER, verdict: 'deny' })), [2]);
  t.strictSame(numbers(matching(list, { ...NO_FILTER, host: 'B.test:80' })), [2]);
  t.strictSame(numbers(matching(list, { ...NO_FILTER, command: 'notes' })), [3]);
  t.strictSame(numbers(matching(list, NO_FILTER)), [1, 2, 3]);
  t.strictSame(verdicts(list), { allowed: 2, denied: 1 });
});

t.test('says why in words', async (t) => {
  t.equal(because(decision(1, { rule: '*.test' })), 'rule *.test');
  t.equal(because(decision(1, { verdict: 'deny', reason: 'denied', rule: 'x' })), 'deny rule x');
  t.equal(because(decision(1, { verdict: 'deny', reason: 'not_allowed_local' })), 'a local address');
  t.equal(because(decision(1, { verdict: 'deny', source: 'decider' })), 'a person or reviewer refused it');
});
