import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { createAuditFile } from '../../../server/network-approval/audit/audit-file.js';
import { elapse, until } from '../../fixtures/until.js';
import { isForUserAlone } from '../../fixtures/for-user-alone.js';

function open(t: Test, options: { file?: string; maxBytes?: number; maxFiles?: number } = {}) {
  const file = options.file ?? path.join(t.testdir({}), 'log', 'decisions.jsonl');
  const folder = path.dirname(file);
  const errors: string[] = [];
  const audit = createAuditFile({
    path: file,
    maxBytes: options.maxBytes ?? 1 << 20,
    maxFiles: options.maxFiles ?? 3,
    log: { error: (message) => errors.push(message) },
  });
  t.teardown(() => audit.close());
  return { audit, file, folder, errors };
}

const lines = (file: string): unknown[] =>
  fs
    .readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);

t.test('each decision is a line, in order; the file and its folder are private', async (t) => {
  const { audit, file, folder } = open(t);
  for (let n = 0; n < 2000; n++) audit.write({ n });
  await audit.close();
  t.strictSame(
    lines(file),
    Array.from({ length: 2000 }, (_, n) => ({ n })),
  );
  t.ok(await isForUserAlone(file));
  t.ok(await isForUserAlone(folder));
  t.strictSame(audit.counts(), { written: 2000, lost: 0, failures: 0 });
});

t.test('a file that would become too large is renamed, and only some are kept', async (t) => {
  const { audit, file } = open(t, { maxBytes: 120, maxFiles: 3 });
  for (let n = 0; n < 20; n++) {
    audit.write({ n, padding: 'x'.repeat(30) });
    await until(() => audit.counts().written === n + 1, 'the line is written');
  }
  await audit.close();
  const [current, ...older] = fs.readdirSync(path.dirname(file)).sort();
  t.equal(current, 'decisions.jsonl');
  t.equal(older.length, 2);
  const kept = [...older.map((name) => path.join(path.dirname(file), name)), file]
    .flatMap(lines)
    .map((line) => (line as { n: number }).n);
  t.strictSame(kept, [14, 15, 16, 17, 18, 19], 'the newest, oldest file first');
  for (const name of fs.readdirSync(path.dirname(file)))
    t.ok(fs.statSync(path.join(path.dirname(file), name)).size <= 120, name);
});

t.test('two writers share a file without losing or mixing lines, also over rotations', async (t) => {
  const one = open(t, { maxBytes: 4096, maxFiles: 900 });
  const two = createAuditFile({ path: one.file, maxBytes: 4096, maxFiles: 900, log: { error: (m) => t.fail(m) } });
  for (let n = 0; n < 300; n++) {
    one.audit.write({ from: 'one', n, padding: 'x'.repeat(50) });
    two.write({ from: 'two', n, padding: 'x'.repeat(50) });
    if (n % 10 === 0) await elapse(1, 'what is written together stays small');
  }
  await Promise.all([one.audit.close(), two.close()]);
  const all = fs.readdirSync(one.folder).flatMap((name) => lines(path.join(one.folder, name)));
  const numbers = (from: string) =>
    all.flatMap((line) => ((line as { from: string }).from === from ? [(line as { n: number }).n] : []));
  for (const from of ['one', 'two'])
    t.strictSame(
      numbers(from).sort((a, b) => a - b),
      Array.from({ length: 300 }, (_, n) => n),
    );
});

t.test(
  'a file that cannot be written is reported once, lost lines are counted, and the file records the gap later',
  async (t) => {
    const { audit, file, folder, errors } = open(t);
    fs.mkdirSync(file, { recursive: true, mode: 0o700 });
    fs.chmodSync(folder, 0o700);
    audit.write({ n: 1 });
    await until(() => audit.counts().failures === 1, 'the failure');
    await elapse(1100, 'the pause after a failure');
    audit.write({ n: 2 });
    await until(() => audit.counts().failures === 2, 'the failure');
    t.equal(errors.length, 1, 'once');
    t.match(errors[0], /the network audit cannot be written to .*decisions\.jsonl.*EISDIR/);
    fs.rmdirSync(file);
    await elapse(1100, 'the pause after a failure');
    audit.write({ n: 3 });
    await audit.close();
    t.match(lines(file), [{ lostLines: 2 }, { n: 3 }]);
    t.strictSame(audit.counts(), { written: 1, lost: 2, failures: 2 });
  },
);

t.test('a place that belongs to another user is not written to', async (t) => {
  const target = path.join(t.testdir({ 'precious.txt': 'mine' }), 'precious.txt');
  const rows: [why: string, make: (file: string) => void, reason: RegExp][] = [
    ['a symbolic link', (file) => fs.symlinkSync(target, file), /ELOOP/],
    ['a hard link', (file) => fs.linkSync(target, file), /not a file of its own/],
    ['a folder that others may write', (file) => fs.chmodSync(path.dirname(file), 0o777), /others may write in it/],
  ];
  for (const [index, [why, make, reason]] of rows.entries()) {
    const folder = path.join(t.testdirName, `row${index}`);
    fs.mkdirSync(folder, { mode: 0o700 });
    const file = path.join(folder, 'decisions.jsonl');
    make(file);
    const { audit, errors } = open(t, { file });
    audit.write({ n: 1 });
    await audit.close();
    t.match(errors[0], reason, why);
  }
  t.equal(fs.readFileSync(target, 'utf8'), 'mine');
});

t.test('lines that do not fit into the queue are lost and counted, and nobody waits', async (t) => {
  const { audit, file } = open(t, { maxBytes: 1 << 30 });
  for (let n = 0; n < 12_000; n++) audit.write({ n });
  t.equal(audit.counts().lost, 2000);
  await audit.close();
  t.equal(lines(file).length, 10_001);
  t.match(lines(file)[0], { lostLines: 2000 });
});
