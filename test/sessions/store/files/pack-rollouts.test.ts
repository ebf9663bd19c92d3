import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { silentLogger } from '../../../../server/log/log.js';
import { createThreadStore } from '../../../../server/sessions/store/create-thread-store.js';
import { packRollouts } from '../../../../server/sessions/store/files/pack-rollouts.js';
import { createWriterLocks } from '../../../../server/sessions/store/files/writer-lock.js';
import { newId } from '../../../../server/sessions/store/records/thread-id.js';

/** A frame of RFC 8878 with raw blocks: every reader takes it, and every Node can make it. */
async function frame(bytes: Buffer): Promise<Buffer> {
  const head = Buffer.alloc(9);
  head.writeUInt32LE(0xfd2fb528, 0);
  head.writeUInt8(0xa0, 4);
  head.writeUInt32LE(bytes.length, 5);
  const block = Buffer.alloc(3);
  block.writeUIntLE((bytes.length << 3) | 1, 0, 3);
  return Buffer.concat([head, block, bytes]);
}

const DAYS = 24 * 60 * 60;

function world(t: Test) {
  const codexHome = t.testdir();
  const store = createThreadStore({ codexHome, log: silentLogger });
  const locks = createWriterLocks(codexHome);
  const pass = (compress = frame) =>
    packRollouts({ codexHome, threads: () => store.all(), locks, compress, log: silentLogger });
  const thread = async (ageDays: number): Promise<string> => {
    const id = newId();
    const meta = { id, timestamp: new Date().toISOString(), cwd: '/w', originator: 't', cli_version: '1' };
    const writer = await store.create(meta);
    writer.append([
      { type: 'event_msg', payload: { type: 'user_message', message: `question of ${id}` } },
      { type: 'response_item', payload: { type: 'message', role: 'user', content: [] } },
    ]);
    await writer.close();
    const at = Math.floor(Date.now() / 1000) - ageDays * DAYS;
    fs.chmodSync(writer.path, 0o640);
    fs.utimesSync(writer.path, at, at);
    return writer.path;
  };
  const lock = path.join(codexHome, '.tmp', 'rollout-compression.lock');
  const cool = (): void => fs.utimesSync(lock, 0, 0);
  return { codexHome, store, locks, pass, thread, cool };
}

t.test('files of a week ago are packed, with their mode and times, and read as before', async (t) => {
  const { store, pass, thread, cool } = world(t);
  const [old, young] = [await thread(8), await thread(3)];
  const before = fs.statSync(old);
  t.strictSame(await pass(), { compressed: 1, failed: 0 });
  t.same(
    [old, `${old}.zst`, young].map((file) => fs.existsSync(file)),
    [false, true, true],
  );
  const packed = fs.statSync(`${old}.zst`);
  t.same([packed.mode, packed.mtimeMs], [before.mode, before.mtimeMs]);
  const files = await store.at(old);
  const head = await store.head(files);
  t.match(head.preview, `question of ${files.id}`);
  t.equal(await pass(), null, 'the next pass waits');
  cool();
  t.strictSame(await pass(), { compressed: 0, failed: 0 });
  const writer = await store.open(files);
  writer.append([{ type: 'event_msg', payload: { type: 'user_message', message: 'more' } }]);
  await writer.close();
  t.same([fs.existsSync(old), fs.existsSync(`${old}.zst`)], [true, false], 'a thread that continues is plain again');
});

t.test('a loaded thread, a broken frame and a file that changes meanwhile stay as they are', async (t) => {
  const { store, locks, pass, thread, cool } = world(t);
  const file = await thread(8);
  const { id } = await store.at(file);
  const lock = await locks.take(id);
  t.strictSame(await pass(), { compressed: 0, failed: 1 });
  await lock.release();
  cool();
  t.strictSame(await pass(async () => Buffer.from('broken')), { compressed: 0, failed: 1 });
  cool();
  t.strictSame(await pass(async (bytes) => frame(bytes.subarray(1))), { compressed: 0, failed: 0 });
  cool();
  const changing = async (bytes: Buffer): Promise<Buffer> => {
    fs.appendFileSync(file, '\n');
    return frame(bytes);
  };
  t.strictSame(await pass(changing), { compressed: 0, failed: 0 });
  t.same(fs.readdirSync(path.dirname(file)), [path.basename(file)], 'nothing is left over');
});
