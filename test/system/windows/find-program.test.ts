import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { findProgram } from '../../../server/system/windows/find-program.js';
import { onWindows } from '../../fixtures/windows.js';

t.test('programs are found by name, extension and path', onWindows, async (t) => {
  const root = t.testdir({
    one: { 'tool.cmd': '', 'both.exe': '', 'both.cmd': '' },
    two: { 'tool.exe': '', 'a.b.exe': '' },
    'here.exe': '',
  });
  const at = (...parts: string[]): string => path.join(root, ...parts);
  const env = { Path: `;"${at('one')}";${at('two')}` };
  const found = (name: string, more = {}): string | undefined => findProgram(name, root, { ...env, ...more })?.file;
  t.strictSame(findProgram('tool', root, env), { file: at('one', 'tool.cmd'), batch: true }, 'the first folder wins');
  t.equal(found('TOOL.EXE')?.toLowerCase(), at('two', 'tool.exe').toLowerCase());
  t.equal(found('both'), at('one', 'both.exe'), 'PATHEXT has an order');
  t.equal(found('both', { PATHEXT: '.VBS;.CMD' }), at('one', 'both.cmd'), 'and what cannot be started is left out');
  t.equal(found('a.b'), at('two', 'a.b.exe'));
  t.equal(found('here'), undefined, 'the working folder is not searched');
  t.equal(found('.\\here'), at('here.exe'));
  t.equal(found('two/tool'), at('two', 'tool.exe'));
  t.equal(found(at('two')), undefined, 'a folder is no program');
  t.equal(found(''), undefined);
  t.match(found('cmd', { Path: '' }), /\\system32\\cmd\.exe$/i, 'the folders of Windows come last');
  fs.rmSync(at('one', 'both.exe'));
  t.equal(found('both'), at('one', 'both.cmd'));
});
