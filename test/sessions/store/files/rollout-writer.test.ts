import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { newId } from '../../../../server/sessions/store/records/thread-id.js';
import type { ThreadFiles } from '../../../../server/sessions/store/records/thread-store.js';
import {
  allTurns,
  brief,
  exchange,
  id,
  makeHome,
  meta,
  metaOf,
  text,
  turnOf,
  user,
  writeThread,
  type Home,
} from '../support.js';
import { runToEnd } from '../../../fixtures/programs.js';
import { notOnWindows } from '../../../fixtures/windows.js';
import { isForUserAlone } from '../../../fixtures/for-user-alone.js';

const records = (file: string): { ordinal?: number; type: string }[] =>
  fs
    .readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { ordinal?: number; type: string });
const find = async (home: Home, threadId: string): Promise<ThreadFiles> => {
  const files = await home.store.find(threadId);
  if (files === null) throw new Error('not found');
  return files;
};

t.test('a new thread is on disk with its first records, readable only by its owner', async (t) => {
  const home = makeHome(t);
  const threadId = newId();
  const writer = await home.store.create(
    metaOf(threadId, { timestamp: new Date().toISOString(), history_mode: 'paginated' }),
  );
  t.equal(writer.exists, false);
  t.notOk(fs.existsSync(writer.path), 'announced, not made');
  t.equal(await home.store.find(threadId), null);
  writer.append([user('a'), user('b')]);
  t.equal(writer.exists, true);
  t.equal(writer.nextOrdinal, 3);
  t.strictSame(
    records(writer.path).map(({ ordinal, type }) => [ordinal, type]),
    [
      [0, 'session_meta'],
      [1, 'response_item'],
      [2, 'response_item'],
    ],
  );
  t.ok(await isForUserAlone(writer.path));
  for (let folder = path.dirname(writer.path); folder !== home.path; folder = path.dirname(folder))
    t.ok(await isForUserAlone(folder), folder.slice(home.path.length));
  const day = new Date();
  const two = (value: number): string => String(value).padStart(2, '0');
  t.match(
    writer.path.slice(home.path.length),
    path.join('/sessions', `${day.getFullYear()}`, two(day.getMonth() + 1), two(day.getDate()), 'rollout-'),
  );
  await writer.close();
  t.throws(() => writer.append([user('c')]), /is closed/);
});

t.test('legacy files have no ordinals', async (t) => {
  const home = makeHome(t);
  const threadId = await writeThread(home.store, [['T1', 'q', 'a']], { history_mode: 'legacy' });
  const { path: file } = await find(home, threadId);
  t.ok(records(file).every((record) => !('ordinal' in record)));
});

t.test('ordinals continue after the last one, despite gaps and garbage', async (t) => {
  const home = makeHome(t);
  const file = home.put(
    id(1),
    [
      `{"timestamp":"x","ordinal":0,"type":"session_meta","payload":${JSON.stringify(metaOf(id(1), { history_mode: 'paginated' }))}}`,
      '{"timestamp":"x","ordinal":41,"type":"response_item","payload":{}}',
      'garbage',
    ],
    { end: '\n\n' },
  );
  const writer = await home.store.open(await find(home, id(1)));
  t.equal(writer.nextOrdinal, 42);
  writer.append([user('a')]);
  await writer.close();
  t.match(fs.readFileSync(file, 'utf8'), /"ordinal":42/);
});

t.test('an incomplete last line is ended, so that the next one is complete', async (t) => {
  const home = makeHome(t);
  const whole = text([meta(id(1)), ...exchange('q', 'a')], false);
  home.put(id(1), [whole, '{"timestamp":"x","type":"event_m'], { end: '' });
  const writer = await home.store.open(await find(home, id(1)));
  writer.append(exchange('q2', 'a2'));
  await writer.close();
  const lines = fs.readFileSync(writer.path, 'utf8').split('\n');
  t.equal(lines.slice(0, 5).join('\n'), whole, 'nothing whole is touched');
  t.strictSame(
    (await allTurns(home.store, id(1))).map((turn) => turn.items.length),
    [2, 2],
  );
});

t.test('a complete last record without a line break is kept', async (t) => {
  const home = makeHome(t);
  home.put(id(1), [meta(id(1)), ...exchange('q', 'a')], { end: '' });
  const writer = await home.store.open(await find(home, id(1)));
  writer.append(exchange('q2', 'a2'));
  await writer.close();
  t.strictSame(brief(await allTurns(home.store, id(1))).length, 2);
});

const refused: readonly [string, readonly (string | ReturnType<typeof meta>)[], RegExp][] = [
  ['a file that does not begin with its meta', ['garbage', meta(id(1)), ...exchange('q', 'a')], /session_meta/],
  ['a meta without a cwd', ['{"type":"session_meta","payload":{"id":"x","timestamp":"x"}}'], /lacks `cwd`/],
];
for (const [name, lines, message] of refused) {
  t.test(`not continued: ${name}`, async (t) => {
    const home = makeHome(t);
    home.put(id(1), lines);
    await t.rejects(home.store.open(await find(home, id(1))), message);
    await t.rejects(home.store.open(await find(home, id(1))), message, 'the lock was given back');
  });
}

t.test('a record that does not fit on the disk is removed completely, and the next one is written well', async (t) => {
  const home = makeHome(t);
  const threadId = await writeThread(home.store, [['T1', 'q', 'a']]);
  const files = await find(home, threadId);
  const { size } = fs.statSync(files.path);
  const writer = await home.store.open(files);
  const realWrite = fs.writeSync;
  // The disk accepts a part of the line and is full then.
  let calls = 0;
  (fs as { writeSync: unknown }).writeSync = (fd: number, bytes: Buffer) => {
    if (calls++ === 0) return realWrite(fd, bytes, 0, 10);
    throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
  };
  try {
    t.throws(() => writer.append([user('lost')]), { code: 'ENOSPC' });
  } finally {
    (fs as { writeSync: unknown }).writeSync = realWrite;
  }
  t.equal(fs.statSync(files.path).size, size);
  const { nextOrdinal } = writer;
  writer.append([user('kept')]);
  await writer.close();
  t.equal(records(files.path).at(-1)?.ordinal, nextOrdinal, 'no ordinal was used up');
});

t.test('nothing is written to a file that was removed while its thread was open', notOnWindows, async (t) => {
  const home = makeHome(t);
  const threadId = await writeThread(home.store, [['T1', 'q', 'a']]);
  const files = await find(home, threadId);
  const writer = await home.store.open(files);
  fs.rmSync(files.path);
  t.throws(() => writer.append([user('x')]), /was removed while its thread was open/);
  await writer.close();
});

t.test('a compressed file is read directly, and decompressed to be continued', async (t) => {
  const home = makeHome(t);
  const file = home.put(id(1), [meta(id(1)), ...exchange('q', 'a')]);
  if (runToEnd('zstd', ['-q', '--rm', file]).exitCode !== 0) {
    t.comment('skipped: there is no zstd program to compress with');
    return;
  }
  const files = await find(home, id(1));
  t.match(files, { path: file, stored: `${file}.zst`, segments: [file] });
  t.match(await home.store.head(files), { preview: 'q', hasUserMessage: true });
  t.equal((await allTurns(home.store, id(1))).length, 1);
  const writer = await home.store.open(files);
  writer.append(exchange('q2', 'a2'));
  await writer.close();
  t.notOk(fs.existsSync(`${file}.zst`));
  t.equal((await allTurns(home.store, id(1))).length, 2);
});

t.test('a damaged compressed file is reported', async (t) => {
  const home = makeHome(t);
  fs.writeFileSync(`${home.put(id(1), [], { name: `rollout-2025-10-01T10-00-00-${id(2)}.jsonl` })}.zst`, 'no zstd');
  fs.rmSync((await find(home, id(2))).path);
  const files = await find(home, id(2));
  await t.rejects(home.store.head(files), /cannot be decompressed/);
  await t.rejects(home.store.history(files), /cannot be decompressed/);
  await t.rejects(home.store.open(files), /cannot be decompressed/);
  t.ok(fs.existsSync(files.stored), 'and left alone');
});

t.test('the plain form wins over a compressed one that was left over', async (t) => {
  const home = makeHome(t);
  const file = home.put(id(1), [meta(id(1)), ...exchange('q', 'a')]);
  fs.writeFileSync(`${file}.zst`, 'not even zstd');
  t.match(await find(home, id(1)), { path: file, stored: file });
  await (await home.store.open(await find(home, id(1)))).close();
  t.notOk(fs.existsSync(`${file}.zst`), 'and going on removes the other');
});

t.test('records that two threads append at once do not mix', async (t) => {
  const home = makeHome(t);
  const ids = [newId(), newId()];
  const writers = await Promise.all(
    ids.map((threadId) =>
      home.store.create(metaOf(threadId, { timestamp: new Date().toISOString(), history_mode: 'paginated' })),
    ),
  );
  for (let n = 0; n < 50; n++) for (const writer of writers) writer.append(turnOf(writer.id, `T${n}`, `q${n}`, 'a'));
  await Promise.all(writers.map((writer) => writer.close()));
  for (const threadId of ids) t.equal((await allTurns(home.store, threadId)).length, 50);
});
