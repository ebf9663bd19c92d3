import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { createWatches, type Watches } from '../../../server/client-files/watch/watches.js';
import { silentLogger } from '../../../server/log/log.js';
import { fakeCaller, type FakeCaller } from '../../exec/support/fakes.js';
import { until } from '../../fixtures/until.js';

const limits = { perConnection: 3, perDaemon: 5, paths: 10 };
const make = (): Watches => createWatches({ log: silentLogger, limits });
const changesOf = ({ notes }: FakeCaller): Record<string, unknown>[] => notes.map(({ params }) => params);

t.test('changes are reported together, sorted, each once, to the connection that watches', async (t) => {
  const root = fs.realpathSync(t.testdir());
  const watches = make();
  const [one, other] = [fakeCaller(), fakeCaller()];
  await watches.add('w', root, one);
  await watches.add('w', path.join(root, 'elsewhere'), other);
  for (const name of ['b', 'a', 'b', 'c']) fs.writeFileSync(path.join(root, name), name);
  await until(() => one.notes.length > 0, 'the changes are told');
  t.same(changesOf(one), [{ watchId: 'w', changedPaths: ['a', 'b', 'c'].map((name) => path.join(root, name)) }]);
  t.same(other.notes, []);
  one.close();
  other.close();
  t.same(watches.count(), { watches: 0, folders: 0 });
});

t.test('an id is for one watch of its connection, until the watch ends', async (t) => {
  const root = fs.realpathSync(t.testdir());
  const watches = make();
  const caller = fakeCaller();
  const first = watches.add('', root, caller);
  await t.rejects(watches.add('', root, caller), { rpcCode: -32600, message: 'watchId already exists: ' });
  await first;
  watches.remove('', caller);
  watches.remove('', caller);
  await watches.add('', root, caller);
  caller.close();
  t.same(watches.count(), { watches: 0, folders: 0 });
});

t.test('watches are bounded for a connection and for all, and the error names the way out', async (t) => {
  const root = fs.realpathSync(t.testdir());
  const watches = make();
  const [one, other] = [fakeCaller(), fakeCaller()];
  for (const id of ['1', '2', '3']) await watches.add(id, root, one);
  await t.rejects(watches.add('4', root, one), {
    rpcCode: -32600,
    message: /this connection has 3 watches.*fs\/unwatch/,
  });
  for (const id of ['1', '2']) await watches.add(id, root, other);
  await t.rejects(watches.add('3', root, other), { rpcCode: -32603, message: /together have 5 watches/ });
  watches.remove('1', one);
  await watches.add('3', root, other);
  one.close();
  other.close();
  t.same(watches.count(), { watches: 0, folders: 0 });
});

t.test('a client that does not read gets one notification later, for the folder if there is too much', async (t) => {
  const root = fs.realpathSync(t.testdir());
  const watches = make();
  const caller = fakeCaller();
  let read: (() => void) | null = null;
  const slow = { ...caller, drained: () => new Promise<void>((resolve) => (read = resolve)) };
  await watches.add('w', root, slow);
  fs.writeFileSync(path.join(root, 'first'), '');
  await until(() => read !== null, 'the daemon waits for the client');
  for (let at = 0; at < 50; at++) fs.writeFileSync(path.join(root, `f${at}`), '');
  const seen = fakeCaller();
  await watches.add('w', root, seen);
  fs.writeFileSync(path.join(root, 'last'), '');
  await until(() => seen.notes.length > 0, 'others are told meanwhile');
  (read as (() => void) | null)?.();
  await until(() => caller.notes.length > 0, 'the changes are told');
  t.same(changesOf(caller), [{ watchId: 'w', changedPaths: [root] }]);
  caller.close();
  seen.close();
});

t.test('a watch that ends with its connection while it is made leaves nothing', async (t) => {
  const root = fs.realpathSync(t.testdir());
  const watches = make();
  const caller = fakeCaller();
  const adding = watches.add('w', root, caller);
  caller.close();
  await adding;
  t.same(watches.count(), { watches: 0, folders: 0 });
  await t.rejects(watches.add('w', root, caller));
});
