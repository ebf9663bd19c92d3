import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { hasMemories, resetMemories } from '../../../../server/sessions/methods/memory/memory-files.js';
import { scene } from '../../turn/support.js';

const full = () => ({ 'MEMORY.md': '# m', rollout_summaries: { 'a.md': 'x' } });

t.test('the folders of memories are emptied and stay', (t) => {
  const home = t.testdir({ memories: full(), memories_v2: full(), other: { keep: 'x' } });
  fs.symlinkSync(path.join(home, 'other'), path.join(home, 'memories', 'link'));
  t.ok(hasMemories(home));
  resetMemories(home);
  t.notOk(hasMemories(home));
  t.same(fs.readdirSync(path.join(home, 'memories_v2')), []);
  t.same(fs.readdirSync(path.join(home, 'other')), ['keep'], 'a link in it is removed, not followed');
  resetMemories(home);
  t.end();
});

t.test('a folder that is a link is not emptied', (t) => {
  const home = t.testdir({ other: { keep: 'x' }, memories_v2: full() });
  const folder = path.join(home, 'memories');
  fs.symlinkSync(path.join(home, 'other'), folder);
  t.throws(() => resetMemories(home), {
    rpcCode: -32603,
    message: `failed to clear memory directories under ${home}: refusing to clear symlinked memory root ${folder}`,
  });
  t.ok(fs.existsSync(path.join(home, 'other', 'keep')));
  t.ok(fs.existsSync(path.join(home, 'memories_v2', 'MEMORY.md')), 'nothing else was removed before');
  t.end();
});

t.test('what the official program keeps elsewhere is named', (t) => {
  const home = t.testdir({ memories: full(), 'memories_1.sqlite': 'x' });
  t.throws(() => resetMemories(home), { message: /memories_1\.sqlite of the official program keep its notes/ });
  t.notOk(hasMemories(home));
  t.end();
});

t.test('over a connection', async (t) => {
  const { daemon, home } = await scene(t);
  t.strictSame(await daemon.call('memory/status', {}), { v2ConsolidatedThreads: 0, v2Ready: true });
  fs.mkdirSync(path.join(home, 'memories'));
  fs.writeFileSync(path.join(home, 'memories', 'MEMORY.md'), '# m');
  t.strictSame(await daemon.call('memory/status', { minConsolidatedThreads: 4096 }), {
    v2ConsolidatedThreads: 0,
    v2Ready: false,
  });
  const range = { message: /minConsolidatedThreads must be between 1 and 4096/ };
  for (const bad of [0, 4097]) await t.rejects(daemon.call('memory/status', { minConsolidatedThreads: bad }), range);
  t.strictSame(await daemon.call('memory/reset', undefined), {});
  t.same(fs.readdirSync(path.join(home, 'memories')), []);
});
