import t from 'tap';
import type { Requirements } from '../../../server/config/requirements/requirements.js';
import { windowsSettings } from '../../../server/config/settings/windows-settings.js';

t.test('the sandbox of Windows is what is set, and nothing without it', async (t) => {
  t.strictSame(windowsSettings({}), { mode: null, privateDesktop: true });
  for (const mode of ['elevated', 'unelevated'] as const)
    t.equal(windowsSettings({ windows: { sandbox: mode } }).mode, mode);
  t.equal(windowsSettings({ windows: { sandbox: 'mxc' } }).mode, 'unknown');
  const requirements = {
    table: { windows: { allowed_sandbox_implementations: ['elevated'] } },
    source: 'a file',
  } as unknown as Requirements;
  t.equal(windowsSettings({ windows: { sandbox: 'elevated' } }, requirements).refused, undefined);
  t.match(windowsSettings({ windows: { sandbox: 'unelevated' } }, requirements).refused, /disallowed by requirements/);
  t.equal(windowsSettings({}, requirements).refused, undefined);
  t.equal(windowsSettings({ windows: { sandbox_private_desktop: false } }).privateDesktop, false);
});
