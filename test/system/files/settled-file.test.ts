import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { createSettledFiles, type LostText } from '../../../server/system/files/settled-file.js';
import { elapse, until } from '../../fixtures/until.js';

const MAX = 1024 * 1024;
const TEXT = 'a = 1\n[b]\nc = "ä"\n';
/** Long enough for a loaded machine to make hundreds of readings in. */
const LOSS_MS = 400;
/** The kernel stamps files with the time of its last tick (CONFIG_HZ=100 at the slowest). */
const CLOCK_TICK_MS = 11;

function setup(t: Test, options: { readonly keeps?: boolean } = {}) {
  const file = path.join(t.testdir({ 'x.toml': TEXT }), 'x.toml');
  const lost: LostText[] = [];
  const files = createSettledFiles({
    lossMs: LOSS_MS,
    keeps: () => options.keeps === true,
    onLost: (each) => lost.push(each),
  });
  const read = (): string => {
    const reading = files.read(file, MAX);
    return reading.kind === 'text' ? reading.text : reading.kind;
  };
  return { file, files, lost, read };
}

const LOSSES: readonly [found: LostText['found'], make: (file: string) => void, then: string][] = [
  ['empty', (file) => fs.writeFileSync(file, ''), ''],
  ['empty', (file) => fs.writeFileSync(file, '\n \n'), '\n \n'],
  ['empty', (file) => fs.writeFileSync(file, Buffer.alloc(TEXT.length)), '\0'.repeat(TEXT.length)],
  ['missing', (file) => fs.rmSync(file), 'missing'],
  ['cut off', (file) => fs.truncateSync(file, 6), 'a = 1\n'],
];

t.test('a missing, empty or truncated file counts after a while, with a warning', async (t) => {
  for (const [found, make, then] of LOSSES) {
    const { file, lost, read } = setup(t);
    t.equal(read(), TEXT);
    const since = performance.now();
    make(file);
    t.equal(read(), TEXT, `${found}: not at once`);
    await until(() => read() !== TEXT, `${found}: it counts`);
    t.ok(performance.now() - since >= LOSS_MS - CLOCK_TICK_MS, `${found}: not before its time`);
    t.equal(read(), then, `${found}: then it counts`);
    t.strictSame(lost, [{ path: file, found, kept: false }]);
    fs.writeFileSync(file, TEXT);
    t.equal(read(), TEXT, `${found}: and what is put back counts at once`);
  }
});

t.test('a kept text stays until the end, with one warning', async (t) => {
  for (const [found, make] of LOSSES.filter(([each]) => each !== 'cut off')) {
    const { file, files, lost, read } = setup(t, { keeps: true });
    read();
    make(file);
    read();
    await elapse(LOSS_MS + 50, 'a loss would count now');
    for (let i = 0; i < 3; i++) t.equal(read(), TEXT);
    t.strictSame(lost, [{ path: file, found, kept: true }]);
    t.strictSame(files.lost(), lost);
    fs.writeFileSync(file, `${TEXT}# new\n`);
    t.equal(read(), `${TEXT}# new\n`, 'another text takes its place');
    t.strictSame(files.lost(), []);
  }
});

t.test('a text that is cut at any byte does not count', (t) => {
  const { file, read } = setup(t);
  read();
  const bytes = Buffer.from(TEXT);
  for (let length = 0; length < bytes.length; length++) {
    fs.writeFileSync(file, bytes.subarray(0, length));
    t.equal(read(), TEXT, `${length} of ${bytes.length} bytes`);
  }
  t.end();
});

t.test('another text counts at the next reading, for any way of writing it', (t) => {
  const { file, read } = setup(t);
  read();
  const ways: readonly [way: string, write: (text: string) => void][] = [
    ['in place', (text) => fs.writeFileSync(file, text)],
    ['renamed', (text) => (fs.writeFileSync(`${file}.new`, text), fs.renameSync(`${file}.new`, file))],
    ['made anew', (text) => (fs.rmSync(file), fs.writeFileSync(file, text))],
  ];
  for (const [way, write] of ways) {
    for (const text of [`b = "${way}"\n`, `${TEXT}d = "${way}"\n`, `c = "${way}, without an end of line"`]) {
      write(text);
      t.equal(read(), text, way);
    }
  }
  t.end();
});

t.test('a shorter text that was renamed into place counts, except if texts are kept', (t) => {
  for (const keeps of [false, true]) {
    const { file, read } = setup(t, { keeps });
    read();
    fs.writeFileSync(`${file}.new`, 'a = 1\n');
    fs.renameSync(`${file}.new`, file);
    t.equal(read(), keeps ? TEXT : 'a = 1\n');
  }
  t.end();
});

t.test('a text that this process wrote counts at once, also if it is shorter', (t) => {
  const { file, files, lost, read } = setup(t);
  read();
  for (const text of ['a = 1\n', '']) {
    fs.writeFileSync(file, text);
    files.expect(file, text);
    t.equal(read(), text);
  }
  t.strictSame(lost, []);
  t.end();
});

t.test('the same object while nothing changes; an old change is read at once', (t) => {
  const { file, files } = setup(t);
  const first = files.read(file, MAX);
  fs.utimesSync(file, 1, 1);
  t.equal(files.read(file, MAX), first);
  fs.writeFileSync(file, TEXT);
  t.equal(files.read(file, MAX), first, 'the same text');
  t.end();
});

t.test('the first reading waits for a file that was just emptied', async (t) => {
  const { file, read } = setup(t);
  fs.writeFileSync(file, '');
  const { Worker } = await import('node:worker_threads');
  const worker = new Worker(
    `const { workerData } = require('node:worker_threads'); setTimeout(() => require('node:fs').writeFileSync(workerData.file, workerData.text), 40); `,
    { eval: true, workerData: { file, text: TEXT } },
  );
  await new Promise((resolve) => worker.once('online', resolve));
  fs.writeFileSync(file, '');
  t.equal(read(), TEXT);
  await worker.terminate();
});

t.test('anything that is not a file, in the place of a text, counts', (t) => {
  for (const [kind, make] of [
    ['a folder', (file: string) => fs.mkdirSync(file)],
    ['a link to itself', (file: string) => fs.symlinkSync(file, file)],
  ] as const) {
    const { file, read } = setup(t);
    read();
    fs.rmSync(file);
    make(file);
    t.equal(read(), 'unreadable', kind);
  }
  t.end();
});

t.test('an old file that is being truncated is empty for a moment, with the time stamps of its text', async (t) => {
  const file = path.join(t.testdir({ f: 'deny = true\n' }), 'f');
  const { fstatSync, statSync } = fs;
  const OLD = 1_000_000_000_000_000_000n;
  let truncated = false;
  // Only such an answer of the file system can be made here; nothing else of it is replaced.
  const changed = (stat: fs.BigIntStats): fs.BigIntStats =>
    Object.assign(stat, { mtimeNs: OLD, ctimeNs: OLD }, truncated ? { size: 0n } : {});
  Object.assign(fs, {
    fstatSync: (fd: number) => changed(fstatSync(fd, { bigint: true })),
    statSync: (place: string) => changed(statSync(place, { bigint: true })),
  });
  t.teardown(() => Object.assign(fs, { fstatSync, statSync }));

  const files = createSettledFiles();
  t.match(files.read(file, 100), { text: 'deny = true\n' });
  truncated = true;
  t.match(files.read(file, 100), { text: 'deny = true\n' }, 'a text that counts is not lost');
  t.same(files.lost(), []);

  const { wait } = Atomics;
  // The truncation is over, and the text written, while the first reading watches.
  Object.assign(Atomics, {
    wait: (...args: Parameters<typeof wait>) => {
      truncated = false;
      return wait(...args);
    },
  });
  t.teardown(() => Object.assign(Atomics, { wait }));
  t.match(createSettledFiles().read(file, 100), { text: 'deny = true\n' }, 'nor is it missed by the first reading');
});
