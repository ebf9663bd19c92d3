/** Wine gives every file to its user, so nothing counts there: the refusal is what can be seen. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { distrustOfFile, findMachineFolder } from '../../../server/system/windows/machine-files.js';
import { notOnWindows, onWindows } from '../../fixtures/windows.js';

t.test('elsewhere there is nothing to load', notOnWindows, async (t) => {
  t.throws(() => findMachineFolder(), { code: 'machine.native-module' });
});

t.test('Windows names the folder', onWindows, async (t) => {
  t.equal(findMachineFolder(), 'C:\\ProgramData\\OpenAI\\Codex');
});

t.test("a user's file is refused with the folder, its owner and the commands that correct it", onWindows, async (t) => {
  const root = t.testdir({ OpenAI: { Codex: { 'requirements.toml': '' } } });
  const folder = path.join(root, 'OpenAI', 'Codex');
  const why = distrustOfFile(folder, path.join(folder, 'requirements.toml')) ?? '';
  t.match(why, /OpenAI belongs to S-1-5-21-[\d-]+, so not only administrators can have written this file/);
  t.match(why, `takeown /a /f "${path.dirname(folder)}" & icacls`);
  t.match(why, '*S-1-5-32-545:(OI)(CI)RX');
  t.equal(distrustOfFile(folder, path.join(folder, 'config.toml')) === null, false);
  fs.rmSync(path.dirname(folder), { recursive: true });
  t.equal(distrustOfFile(folder, path.join(folder, 'requirements.toml')), 'missing');
});
