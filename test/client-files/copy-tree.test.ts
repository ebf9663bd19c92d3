import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { copyLink, copyTree } from '../../server/client-files/copy-tree.js';
import { createKeyedTurns } from '../../server/system/node/keyed-turns.js';

const onLinux = process.platform === 'linux';
const copyAll = (source: string, target: string): Promise<void> => copyTree(source, target, createKeyedTurns());

t.test('a link in the place of what a tree brings is refused, and not followed', { skip: !onLinux }, async (t) => {
  const root = t.testdir({ out: { f: 'precious' }, gone: {}, s1: { f: 'new' }, s2: { d: { f: 'new' } } });
  const at = (name: string): string => path.join(root, name);
  for (const [source, name, link] of [
    ['s1', 'f', 'out/f'],
    ['s1', 'f', 'nowhere'],
    ['s2', 'd', 'out'],
    ['s2', 'd', 'nowhere'],
  ] as const) {
    const target = at(`t-${source}-${link.replace('/', '-')}`);
    fs.mkdirSync(target);
    fs.symlinkSync(at(link), path.join(target, name));
    await t.rejects(copyAll(at(source), target), { code: 'EEXIST' }, link);
  }
  t.equal(fs.readFileSync(at('out/f'), 'utf8'), 'precious');
  t.notOk(fs.existsSync(at('nowhere')));
  fs.symlinkSync(at('out'), at('asked'));
  await copyAll(at('s2'), at('asked'));
  t.equal(fs.readFileSync(at('out/d/f'), 'utf8'), 'new', 'the folder that the client named may be a link');
});

t.test('a target that is in the source after all ends the copy', async (t) => {
  const root = t.testdir({ s: { d: { in: {} } } });
  await t.rejects(copyAll(path.join(root, 's'), path.join(root, 's', 'd', 'in')), {
    rpcCode: -32600,
    message: 'fs/copy cannot copy a directory to itself or one of its descendants',
  });
});

t.test('a link keeps its text, of any bytes, and replaces nothing', { skip: !onLinux }, async (t) => {
  const root = t.testdir({ f: '' });
  const at = (name: string): string => path.join(root, name);
  const text = Buffer.from([0xff, 0x0a, 0x61]);
  fs.symlinkSync(text, at('l'));
  await copyLink(at('l'), at('l2'));
  t.ok(fs.readlinkSync(at('l2'), 'buffer').equals(text));
  await t.rejects(copyLink(at('l'), at('f')), { code: 'EEXIST' });
});
