import fs from 'node:fs';
import t from 'tap';
import { READ_ONLY } from '../../../../server/config/permissions/permission-profile.js';
import { proofResult, windowsParts } from '../../../../server/sandbox/windows/run/windows-parts.js';
import { createWindowsSandbox } from '../../../../server/sandbox/windows/run/windows-sandbox.js';
import { setupFolder, writeMarker } from '../../../../server/sandbox/windows/setup-state.js';
import { onWindows } from '../../../fixtures/windows.js';
import { MARKER, sandboxOptions } from './fixtures/open-sandbox.js';

t.test('a proof is good if all walls are held', async (t) => {
  t.strictSame(proofResult([{ name: 'a wall', result: 'held' }]), { ok: true });
  t.match(proofResult([{ name: 'a wall', result: 'leaked' }]), { ok: false, problem: 'a wall (leaked)', fix: /WSL 2/ });
  t.match(proofResult([]), { ok: false });
});

t.test(
  'a marker alone is no sandbox: without the users and their lists every command is refused',
  onWindows,
  async (t) => {
    const codexHome = fs.mkdtempSync('C:\\work\\home-');
    t.teardown(() => fs.rmSync(codexHome, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
    fs.mkdirSync(setupFolder(codexHome));
    writeMarker(codexHome, MARKER);
    const sandbox = createWindowsSandbox(sandboxOptions(codexHome), windowsParts(codexHome));
    const status = await sandbox.status();
    t.match(status, { available: false, reason: /the walls of the user `online` do not stand: .+/ });
    const request = {
      argv: ['cmd.exe'],
      cwd: codexHome,
      env: {},
      profile: READ_ONLY,
      workspaceRoots: [],
      network: 'offline',
      terminal: false,
    } as const;
    await t.rejects(sandbox.wrap(request), { code: 'sandbox.refused', message: /`offline` do not stand/ });
  },
);
