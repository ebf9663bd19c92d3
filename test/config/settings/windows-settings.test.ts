import t from 'tap';
import { windowsSettings } from '../../../server/config/settings/windows-settings.js';

t.test('the sandbox of Windows is what is set, and nothing without it', async (t) => {
  t.strictSame(windowsSettings({}), { mode: null, privateDesktop: true });
  for (const mode of ['elevated', 'unelevated'] as const)
    t.equal(windowsSettings({ windows: { sandbox: mode } }).mode, mode);
  t.equal(windowsSettings({ windows: { sandbox: 'mxc' } }).mode, 'unknown');
  t.equal(windowsSettings({ windows: { sandbox_private_desktop: false } }).privateDesktop, false);
});
