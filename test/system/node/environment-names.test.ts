import t from 'tap';
import { isCoreName, nameKey, spellingsOf, valueOf } from '../../../server/system/node/environment-names.js';
import { onWindows } from '../../fixtures/windows.js';

t.test('names with another case are other variables, except on Windows', async (t) => {
  const env = { Path: 'a', PATH: 'b' };
  t.strictSame(spellingsOf(env, 'PATH', false), ['PATH']);
  t.strictSame(spellingsOf(env, 'path', false), []);
  t.strictSame(spellingsOf(env, 'path', true), ['Path', 'PATH']);
  t.equal(nameKey('a', false), 'a');
  t.equal(nameKey('a', true), nameKey('A', true));
  t.equal(valueOf(env, 'PATH'), 'b');
  t.equal(valueOf({ path: 'c' }, 'PATH'), 'c');
  t.equal(valueOf({}, 'PATH'), undefined);
});

t.test('the basic variables', async (t) => {
  t.ok(isCoreName('PATH'));
  t.notOk(isCoreName('SECRET'));
});

t.test('on Windows the basic ones are in any spelling, and those that programs need', onWindows, async (t) => {
  for (const name of ['Path', 'SystemRoot', 'ProgramFiles(x86)', 'APPDATA', 'ComSpec', 'TEMP'])
    t.ok(isCoreName(name), name);
});
