import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { isTaken, partsBelow, writeNew } from '../../../server/services/external-agent/target-files.js';

t.test('a file is made with its folders, and nothing that says something is replaced', (t) => {
  const root = t.testdir({ full: 'mine', empty: '' });
  t.ok(writeNew(root, ['a', 'b', 'c.md'], 'new'));
  t.equal(fs.readFileSync(path.join(root, 'a', 'b', 'c.md'), 'utf8'), 'new');
  t.notOk(writeNew(root, ['a', 'b', 'c.md'], 'newer'));
  t.notOk(writeNew(root, ['full'], 'new'));
  t.equal(fs.readFileSync(path.join(root, 'full'), 'utf8'), 'mine');
  t.notOk(isTaken(path.join(root, 'empty')));
  t.ok(writeNew(root, ['empty'], 'new'));
  t.same(partsBelow(root, path.join(root, 'a', 'b')), ['a', 'b']);
  t.end();
});

t.test('nothing is written through a link, whatever it leads to', (t) => {
  const root = t.testdir({ outside: { keep: '' }, inside: {} });
  const [inside, outside] = [path.join(root, 'inside'), path.join(root, 'outside')];
  fs.symlinkSync(outside, path.join(inside, '.codex'));
  fs.symlinkSync(path.join(outside, 'keep'), path.join(inside, 'AGENTS.md'));
  fs.symlinkSync(path.join(outside, 'none'), path.join(inside, 'DANGLING.md'));
  t.throws(() => writeNew(inside, ['.codex', 'hooks.json'], 'x'));
  t.throws(() => writeNew(inside, ['AGENTS.md'], 'x'));
  t.throws(() => writeNew(inside, ['DANGLING.md'], 'x'));
  t.ok(isTaken(path.join(inside, 'DANGLING.md')));
  t.same(fs.readdirSync(outside), ['keep']);
  t.equal(fs.readFileSync(path.join(outside, 'keep'), 'utf8'), '');
  t.end();
});
