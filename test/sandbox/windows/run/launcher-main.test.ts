/** The launcher of the package: its logon is the system's own. */
import fs from 'node:fs';
import { text } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { writeRequest } from '../../../../server/sandbox/windows/run/launch-request.js';
import { setupFolder, writePasswords } from '../../../../server/sandbox/windows/setup-state.js';
import { startChild } from '../../../fixtures/programs.js';
import { onWindows } from '../../../fixtures/windows.js';
import { ENV, fixture } from './fixtures/launched.js';

async function start(t: Test, passwords: boolean) {
  const codexHome = fs.mkdtempSync('C:\\work\\home-');
  t.teardown(() => fs.rmSync(codexHome, { recursive: true, force: true }));
  if (passwords) {
    const { win32Secrets } = await import('../../../../server/system/windows/win32-secrets.js');
    const ready = (made: Buffer | { toString(): string }): Buffer => {
      if (Buffer.isBuffer(made)) return made;
      throw new Error(made.toString());
    };
    fs.mkdirSync(setupFolder(codexHome));
    writePasswords(
      codexHome,
      { offline: 'one', online: 'two' },
      {
        protect: (plain) => ready(win32Secrets().protect(plain, 'user')),
        unprotect: (sealed) => ready(win32Secrets().unprotect(sealed)),
      },
    );
  }
  const written = writeRequest(codexHome, {
    codexHome,
    job: null,
    argv: [process.execPath, '-e', 'console.log("ran")'],
    cwd: 'C:\\work',
    env: ENV,
    logon: { user: 'offline', name: 'codexd-nobody', sid: 'S-1-5-21-1-2-3-4' },
    capabilities: [],
    privateDesktop: false,
    terminal: null,
  });
  const child = startChild(process.execPath, [fixture('real-launcher'), written.path], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  t.equal(stdout, '');
  t.equal((await child).exitCode, 126);
  return stderr;
}

t.test('without a stored password nothing starts, and the reason is the answer', onWindows, async (t) => {
  const said = await start(t, false);
  t.match(said, /no password of the user `offline` of the sandbox; run `codexd windows-sandbox-setup` again/);
});

t.test('a logon that Windows refuses starts nothing', onWindows, async (t) => {
  t.match(await start(t, true), /does not start as codexd-nobody: .*\(os error \d+\); /);
});
