import t from 'tap';
import { Win32Error } from '../../../server/system/windows/win32-security.js';
import { win32Secrets } from '../../../server/system/windows/win32-secrets.js';
import { notOnWindows, onWindows } from '../../fixtures/windows.js';

t.test('elsewhere there is nothing to load', notOnWindows, async (t) => {
  t.throws(() => win32Secrets(), { code: 'machine.native-module' });
});

t.test('what is sealed is another text, and is read again', onWindows, async (t) => {
  const calls = win32Secrets();
  for (const scope of ['user', 'machine'] as const) {
    const sealed = calls.protect(Buffer.from('a password'), scope);
    if (sealed instanceof Win32Error) return void t.fail(sealed.toString());
    t.notMatch(sealed.toString('latin1'), /a password/);
    t.same(calls.unprotect(sealed), Buffer.from('a password'));
    sealed[sealed.length - 1] = (sealed.at(-1) ?? 0) ^ 1;
    t.type(calls.unprotect(sealed), Win32Error);
  }
  t.type(calls.unprotect(Buffer.from('no secret')), Win32Error);
});
