import t from 'tap';
import { createLookupQueue, lookupsAtOnce } from '../../../server/network-approval/decide/lookup-queue.js';
import { elapse } from '../../fixtures/until.js';

const never = new AbortController().signal;

/** Lookups that answer on request. */
function lookups() {
  const begun: string[] = [];
  const open = new Map<string, () => void>();
  return {
    begun,
    lookup: (name: string) => {
      begun.push(name);
      return new Promise<readonly string[]>((resolve) => open.set(name, () => resolve(['192.0.2.1'])));
    },
    /** Answers it and lets what follows from it happen. */
    answer: async (name: string) => {
      open.get(name)?.();
      open.delete(name);
      await new Promise((resolve) => setImmediate(resolve));
    },
    /** Those that are under way: a timer of theirs would hold the test's process, and end it with an error. */
    answerAll: async () => {
      while (open.size > 0) {
        for (const [name, respond] of open) {
          open.delete(name);
          respond();
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}

t.test('one command has one running lookup, one owner two, and owners take turns', async (t) => {
  const { begun, lookup, answer, answerAll } = lookups();
  const queue = createLookupQueue({ lookup, timeoutMs: 10_000, total: 3 });
  const flood = queue.client('a', never);
  const done: string[] = [];
  const look = (client: typeof flood, name: string) => void client.look(name).then(() => done.push(name));
  for (let i = 0; i < 5; i++) look(flood, `flood${i}.test`);
  t.strictSame(begun, ['flood0.test']);
  look(queue.client('a', never), 'sibling.test');
  look(queue.client('a', never), 'third.test');
  t.strictSame(begun, ['flood0.test', 'sibling.test'], 'the owner has two');
  look(queue.client('b', never), 'other.test');
  look(queue.client('c', never), 'waits.test');
  t.strictSame(begun, ['flood0.test', 'sibling.test', 'other.test'], 'three are all');
  await answer('other.test');
  t.equal(begun.at(-1), 'waits.test', 'who waits and has none comes before who has two');
  await answer('flood0.test');
  t.equal(begun.at(-1), 'flood1.test');
  await answer('waits.test');
  t.equal(begun.length, 5, 'the owner of all that still waits has its two');
  await answer('sibling.test');
  t.equal(begun.at(-1), 'third.test', 'the flooding command has its one');
  t.strictSame(done, ['other.test', 'flood0.test', 'waits.test', 'sibling.test']);
  await answerAll();
  t.equal(done.length, 9, 'nobody is forgotten');
});

t.test('the time limit starts with the lookup, and a late lookup keeps its place until it answers', async (t) => {
  const { begun, lookup, answer } = lookups();
  const queue = createLookupQueue({ lookup, timeoutMs: 30, total: 1 });
  await t.rejects(queue.client('a', never).look('slow.test'), { message: 'no answer within 30 ms' });
  const waiting = queue.client('b', never).look('next.test');
  await elapse(60, 'twice the time of a lookup');
  t.strictSame(begun, ['slow.test'], 'the thread is still taken');
  await answer('slow.test');
  await answer('next.test');
  t.strictSame(await waiting, ['192.0.2.1'], 'longer than its time in the queue, and not too late');
});

t.test('a command that ends cancels its waiting lookups', async (t) => {
  const { begun, lookup, answer } = lookups();
  const queue = createLookupQueue({ lookup, timeoutMs: 10_000, total: 1 });
  const gone = new AbortController();
  const first = queue.client('a', never).look('first.test');
  const withdrawn = queue.client('b', gone.signal).look('withdrawn.test');
  const last = queue.client('b', never).look('last.test');
  gone.abort();
  await t.rejects(withdrawn, { message: 'the command has ended' });
  await t.rejects(queue.client('b', gone.signal).look('later.test'), { message: 'the command has ended' });
  await answer('first.test');
  await answer('last.test');
  await Promise.all([first, last]);
  t.strictSame(begun, ['first.test', 'last.test']);
});

t.test("a command may wait for more names than Node's limit of listeners", async (t) => {
  const { lookup, answerAll } = lookups();
  const queue = createLookupQueue({ lookup, timeoutMs: 10_000, total: 1 });
  const warned = t.captureFn(() => {});
  process.on('warning', warned);
  t.teardown(() => process.off('warning', warned));
  const gone = new AbortController();
  const client = queue.client('a', gone.signal);
  const many = Array.from({ length: 50 }, (_, i) => client.look(`h${i}.test`));
  const ends = Promise.allSettled(many);
  gone.abort();
  await answerAll();
  t.strictSame(
    (await ends).map(({ status }) => status),
    ['fulfilled', ...Array.from({ length: 49 }, () => 'rejected')],
  );
  t.strictSame(warned.calls, []);
});

t.test('commands leave one of the lookup threads to the daemon', async (t) => {
  const rows: [threads: number, lookups: number][] = [
    [1, 1],
    [4, 1],
    [16, 7],
    [Number.NaN, 1],
  ];
  for (const [threads, expected] of rows) t.equal(lookupsAtOnce(threads), expected, `${threads}`);
});
