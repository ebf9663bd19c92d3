import t from 'tap';
import { createStartAs, startRefusal } from '../../../../server/sandbox/windows/run/start-as.js';
import { onWindows } from '../../../fixtures/windows.js';

t.test('each error of a logon names the user, the number and a way out', async (t) => {
  for (const [code, cause] of [
    [2, /not where the sandbox user finds it.*install codexd/],
    [5, /access is denied.*seclogon/],
    [1058, /disabled.*sc config seclogon/],
    [1168, /profile or its stored password.*windows-sandbox-setup/],
    [1312, /logon session.*windows-sandbox-setup/],
    [1326, /password is not the stored one.*windows-sandbox-setup/],
    [1385, /may not log on here.*Log on locally/],
    [1909, /locked.*10 minutes/],
    [4242, /Windows refuses it.*windows-sandbox-setup/],
  ] as const) {
    const { code: name, message } = startRefusal(code, 'codexd-offline', 'node.exe');
    t.equal(name, 'sandbox.refused');
    t.match(message, /\(node\.exe\) does not start as codexd-offline: /);
    t.match(message, `(os error ${code})`);
    t.match(message, cause);
  }
  t.match(startRefusal(5, null, 'node.exe').message, /as this user/);
});

t.test('a logon that Windows does not make starts nothing, and says so', onWindows, async (t) => {
  const startAs = createStartAs(() => 'wrong password');
  const logon = { user: 'offline', name: 'codexd-nobody', sid: 'S-1-5-21-1-2-3-4' } as const;
  const start = {
    words: [process.execPath, '-e', ''],
    cwd: 'C:\\windows',
    env: { SystemRoot: 'C:\\windows' },
    std: [0, 0, 0] as const,
    desktop: null,
  };
  await t.rejects(startAs({ logon, codexHome: 'C:\\work' }, start), {
    code: 'sandbox.refused',
    message: /does not start as codexd-nobody: .*\(os error \d+\)/,
  });
});
