/** Trees that another program changes at the same time, and names that only bytes can say. */
import fc from 'fast-check';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import t from 'tap';
import { copy } from '../../server/client-files/copy.js';
import { entriesOf } from '../../server/client-files/look.js';
import { remove } from '../../server/client-files/remove.js';
import { osCode } from '../../server/errors/os-code.js';
import { createKeyedTurns } from '../../server/system/node/keyed-turns.js';
import type { ExchangeData } from './support/exchange.js';
import { treeOf } from './support/model.js';

t.setTimeout(120_000);

const onLinux = process.platform === 'linux';
const ALL = { recursive: true, force: true };
const copyAll = (source: string, target: string): Promise<void> => copy(source, target, true, createKeyedTurns());
/** Enough to find the race in most runs, when the copy followed links. */
const ROUNDS = 100;

/** What a race may end with. Nothing else is an answer. */
const OF_A_RACE: ReadonlySet<string | undefined> = new Set([
  'ENOENT',
  'ENOTDIR',
  'ELOOP',
  'EEXIST',
  'ENOTEMPTY',
  'EINVAL',
]);
async function raced(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!OF_A_RACE.has(osCode(error))) throw error;
  }
}

async function exchanging<T>(data: ExchangeData, run: () => Promise<T>): Promise<T> {
  const other = new Worker(new URL('./support/exchange.js', import.meta.url), { workerData: data });
  try {
    await once(other, 'message');
    return await run();
  } finally {
    await other.terminate();
  }
}

t.test('nothing outside is changed while folders become links', { skip: !onLinux }, async (t) => {
  const root = t.testdir({ source: { d: { f: 'new', g: 'new', sub: { h: 'new' } } }, target: { d: {} }, outside: {} });
  const at = (name: string): string => path.join(root, name);
  const outside = { f: 'precious', other: 'precious', sub: null, 'sub/h': 'precious' };
  fs.mkdirSync(at('outside/sub'));
  for (const [name, text] of Object.entries(outside)) {
    if (text !== null) fs.writeFileSync(at(`outside/${name}`), text);
  }
  const before = treeOf(at('outside'));
  const exchange = (folder: string): ExchangeData => ({
    folder: at(folder),
    aside: at('aside'),
    outside: at('outside'),
  });
  const now = (): unknown => treeOf(at('outside'));

  await t.test('in the target of a copy', async (t) => {
    await exchanging(exchange('target/d'), async () => {
      for (let round = 0; round < ROUNDS; round++) await raced(copyAll(at('source'), at('target')));
    });
    t.same(now(), before);
  });
  await t.test('in its source: what is outside is not copied either', async (t) => {
    await exchanging(exchange('source/d'), async () => {
      for (let round = 0; round < ROUNDS; round++) {
        await raced(copyAll(at('source'), at('copied')));
        t.notOk(fs.existsSync(at('copied/d/other')) && !isLink(at('copied/d')));
        fs.rmSync(at('copied'), { recursive: true, force: true });
      }
    });
    t.same(now(), before);
  });
  await t.test('in a tree that is listed and removed', async (t) => {
    await exchanging(exchange('victim/d'), async () => {
      for (let round = 0; round < ROUNDS; round++) {
        await raced(fs.promises.mkdir(at('victim/d/sub'), { recursive: true }));
        await raced(fs.promises.writeFile(at('victim/d/sub/mine'), ''));
        fs.rmSync(at('outside/sub/mine'), { force: true });
        await raced(entriesOf(at('victim')));
        await raced(remove(at('victim'), ALL));
      }
    });
    fs.rmSync(at('outside/sub/mine'), { force: true });
    t.same(now(), before);
  });
});

t.test('trees of random names are copied, listed and removed whole', { skip: !onLinux }, async (t) => {
  const root = t.testdir();
  const byte = fc.oneof(
    fc.constantFrom(0x0a, 0x20, 0x2e, 0x5c, 0x22, 0x7f, 0xc3, 0xa9, 0xff, 0xed, 0xa0, 0x80, 0xef, 0xbf, 0xbd, 0x41),
    fc.integer({ min: 1, max: 255 }),
  );
  const name = fc
    .oneof(
      fc.array(byte, { minLength: 1, maxLength: 8 }),
      fc.array(byte, { minLength: 255, maxLength: 255 }),
      fc.constantFrom('\u202eabc', '😀', 'a\nb', '...', ' ', '\ufffd').map((text) => [...Buffer.from(text)]),
    )
    .map((bytes) => Buffer.from(bytes.filter((one) => one !== 0x2f)))
    .filter((bytes) => bytes.length > 0 && !['.', '..'].includes(bytes.toString()));
  const tree = fc.uniqueArray(fc.array(name, { minLength: 1, maxLength: 5 }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(tree, async (places) => {
      const [one, other] = [path.join(root, 'one'), path.join(root, 'other')];
      fs.mkdirSync(one);
      for (const place of places) makePlace(one, place);
      const before = bytesOf(Buffer.from(one));
      await copyAll(one, other);
      t.same(bytesOf(Buffer.from(other)), before);
      const shown = fs.readdirSync(one, 'buffer').map((bytes) => bytes.toString());
      t.same((await entriesOf(one)).map(({ fileName }) => fileName).sort(), shown.sort());
      await remove(one, ALL);
      await remove(other, ALL);
      t.same(fs.readdirSync(root), []);
      if (!t.passing()) throw new Error('see above');
    }),
    { numRuns: 60, interruptAfterTimeLimit: 20_000 },
  );
});

t.test('a tree that is deeper than any path may be is copied', { skip: !onLinux }, async (t) => {
  const root = t.testdir({ deep: {} });
  // The test library cannot.
  t.teardown(() => Promise.all(['deep', 'other'].map((folder) => remove(path.join(root, folder), ALL))));
  const name = 'n'.repeat(250);
  let fd = fs.openSync(path.join(root, 'deep'), 'r');
  for (let depth = 0; depth < 30; depth++) {
    fs.mkdirSync(`/proc/self/fd/${fd}/${name}`);
    const next = fs.openSync(`/proc/self/fd/${fd}/${name}`, 'r');
    fs.closeSync(fd);
    fd = next;
  }
  fs.writeFileSync(`/proc/self/fd/${fd}/f`, 'at the end');
  fs.closeSync(fd);
  await copyAll(path.join(root, 'deep'), path.join(root, 'other'));
  fd = fs.openSync(path.join(root, 'other'), 'r');
  for (let depth = 0; depth < 30; depth++) {
    const next = fs.openSync(`/proc/self/fd/${fd}/${name}`, 'r');
    fs.closeSync(fd);
    fd = next;
  }
  t.equal(fs.readFileSync(`/proc/self/fd/${fd}/f`, 'utf8'), 'at the end');
  fs.closeSync(fd);
  for (const folder of ['deep', 'other']) await remove(path.join(root, folder), ALL);
  t.same(fs.readdirSync(root), []);
});

const isLink = (place: string): boolean => fs.lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink() === true;
const joinBytes = (folder: Buffer, name: Buffer): Buffer => Buffer.concat([folder, Buffer.from('/'), name]);

/** The last name is a file, unless a folder has it. */
function makePlace(root: string, names: readonly Buffer[]): void {
  let at: Buffer = Buffer.from(root);
  for (const [depth, name] of names.entries()) {
    at = joinBytes(at, name);
    const stat = fs.statSync(at, { throwIfNoEntry: false });
    if (stat?.isFile() === true) return;
    if (stat === undefined && depth < names.length - 1) fs.mkdirSync(at);
    else if (stat === undefined) fs.writeFileSync(at, name);
  }
}

/** Names in hexadecimal; of files the content, too. */
function bytesOf(folder: Buffer): Record<string, unknown> {
  return Object.fromEntries(
    fs.readdirSync(folder, 'buffer').map((name) => {
      const place = joinBytes(folder, name);
      return [name.toString('hex'), fs.statSync(place).isDirectory() ? bytesOf(place) : fs.readFileSync(place, 'hex')];
    }),
  );
}
