import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { remove } from '../../server/client-files/remove.js';
import { BELOW_A_FILE, withLinks } from '../fixtures/windows.js';

const ALL = { recursive: true, force: true };
const NEITHER = { recursive: false, force: false };

t.test('links are removed, never what they lead to', withLinks, async (t) => {
  const folder = t.testdir({
    d: { x: '1', in: t.fixture('symlink', '../e') },
    e: { y: '1' },
    l: t.fixture('symlink', 'e'),
  });
  await remove(path.join(folder, 'l'), ALL);
  await remove(path.join(folder, 'd'), ALL);
  t.same(fs.readdirSync(folder), ['e']);
  t.same(fs.readdirSync(path.join(folder, 'e')), ['y']);
});

t.test('a missing path is fine with force alone', async (t) => {
  const folder = t.testdir({ f: '', d: { x: '' }, e: {} });
  const at = (name: string): string => path.join(folder, name);
  await remove(at('no/no'), ALL);
  await t.rejects(remove(at('no'), NEITHER), { code: 'ENOENT' });
  await t.rejects(remove(at('f/x'), NEITHER), { code: BELOW_A_FILE });
  const forced = remove(at('f/x'), ALL);
  // On Windows what is below a file is missing, in the official program as well.
  await (BELOW_A_FILE === 'ENOENT' ? forced : t.rejects(forced, { code: BELOW_A_FILE }));
  await t.rejects(remove(at('d'), { recursive: false, force: true }), { code: 'ENOTEMPTY' });
  await remove(at('e'), NEITHER);
  await remove(at('f'), NEITHER);
  t.same(fs.readdirSync(folder), ['d']);
});

t.test('the root stays', async (t) => {
  const { root } = path.parse(process.cwd());
  await t.rejects(remove(root, ALL), { rpcCode: -32600, message: `fs/remove does not remove \`${root}\`` });
});

t.test(
  'names of any bytes, and paths that no call takes, are removed',
  { skip: process.platform !== 'linux' },
  async (t) => {
    const folder = path.join(t.testdir(), 'd');
    fs.mkdirSync(folder);
    fs.mkdirSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.of(0xff, 0xfe)]));
    fs.writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.of(0xff, 0xfe, 0x2f, 0xc3)]), '');
    const name = 'n'.repeat(200);
    let fd = fs.openSync(folder, 'r');
    for (let depth = 0; depth < 40; depth++) {
      fs.mkdirSync(`/proc/self/fd/${fd}/${name}`);
      const next = fs.openSync(`/proc/self/fd/${fd}/${name}`, 'r');
      fs.closeSync(fd);
      fd = next;
    }
    fs.closeSync(fd);
    await remove(folder, ALL);
    t.notOk(fs.existsSync(folder));
  },
);

t.test('a tree that another program fills and empties at the same time is removed', async (t) => {
  const folder = path.join(t.testdir(), 'd');
  fs.mkdirSync(path.join(folder, 'sub'), { recursive: true });
  for (let at = 0; at < 500; at++) fs.writeFileSync(path.join(folder, 'sub', `f${at}`), '');
  const other = (async () => {
    for (let at = 0; at < 500; at++) await fs.promises.rm(path.join(folder, 'sub', `f${at}`), { force: true });
  })();
  await remove(folder, ALL);
  await other;
  t.notOk(fs.existsSync(folder));
});
