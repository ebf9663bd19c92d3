import fc from 'fast-check';
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startDaemon } from '../fixtures/daemon.js';
import { notOnWindows } from '../fixtures/windows.js';
import { until } from '../fixtures/until.js';
import { randomOperations, runOnDisk, runOnModel, emptyModel, replaceModel, treeOf } from './support/model.js';

t.setTimeout(120_000);
const MIB = 1024 * 1024;

// The model has the errors of POSIX; test/windows/parity/scenarios/files.json has those of Windows.
t.test('a thousand random operations leave what a model of a disk has, and answer alike', notOnWindows, async (t) => {
  const root = fs.realpathSync(t.testdir());
  const model = emptyModel();
  const seed = Number(process.env.SEED ?? Date.now() % 0x7fffffff);
  const operations = fc.sample(randomOperations, { numRuns: 1000, seed });
  for (const [at, operation] of operations.entries()) {
    const [outcome, wanted] = [await runOnDisk(root, operation), runOnModel(model, operation)];
    const inTheMiddle = operation.kind === 'copy' && [outcome, wanted].every((answer) => answer.startsWith('refused'));
    if (inTheMiddle) replaceModel(model, treeOf(root));
    else t.equal(outcome, wanted, `SEED=${seed}, ${at}: ${JSON.stringify(operation)}`);
    if (!t.passing()) break;
  }
  t.same(treeOf(root), Object.fromEntries([...model].sort()), `SEED=${seed}`);
});

t.test('over a connection: large files come whole, and others are served meanwhile', async (t) => {
  const daemon = await startDaemon();
  t.teardown(() => daemon.stop());
  const [client, other] = [await daemon.connect(), await daemon.connect()];
  const file = path.join(daemon.work, 'large');
  const bytes = Buffer.alloc(40 * MIB, 'abcdefghijk');
  const dataBase64 = bytes.toString('base64');
  t.same(await client.request('fs/writeFile', { path: file, dataBase64 }), {});
  t.ok(fs.readFileSync(file).equals(bytes));
  let done = false;
  const reads = Promise.all(
    Array.from({ length: 3 }, () => client.request('fs/readFile', { path: file }).then((read) => read.dataBase64)),
  ).finally(() => (done = true));
  let served = 0;
  while (!done) {
    await other.request('fs/getMetadata', { path: file });
    served++;
  }
  t.ok(served > 3, `${served} other requests`);
  for (const text of await reads) t.ok(text === dataBase64);
  const small = path.join(daemon.work, 'small');
  t.same(await client.request('fs/writeFile', { path: small, dataBase64: 'aGk=' }), {});
  t.same(await client.request('fs/readFile', { path: small }), { dataBase64: 'aGk=' });
});

t.test('over a connection: watches end with it, and with fs/unwatch', async (t) => {
  const daemon = await startDaemon();
  t.teardown(() => daemon.stop());
  const client = await daemon.connect();
  const file = path.join(daemon.work, 'f');
  const told: string[] = [];
  client.onNotification('fs/changed', ({ watchId }) => void told.push(watchId));
  t.same(await client.request('fs/watch', { watchId: 'one', path: `${file}/` }), { path: file });
  await client.request('fs/watch', { watchId: 'two', path: file });
  await client.request('fs/unwatch', { watchId: 'two' });
  fs.writeFileSync(file, 'x');
  await until(() => told.length > 0, 'the change is told');
  t.same(new Set(told), new Set(['one']));
});
