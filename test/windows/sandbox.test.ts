/** The sandbox of the built daemon on Windows. Where Windows does not enforce it (Wine), nothing may run. */
import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { MARKER } from '../sandbox/windows/run/fixtures/open-sandbox.js';
import { setupFolder, writeMarker } from '../../server/sandbox/windows/setup-state.js';
import { startDaemon } from '../fixtures/daemon.js';
import { onWindows } from '../fixtures/windows.js';

const READ_ONLY = { type: 'readOnly' } as const;
const DIRECT = { type: 'workspaceWrite', networkAccess: true } as const;

async function start(t: Test, config: string, isSetUp: boolean) {
  const daemon = await startDaemon({ config });
  t.teardown(() => daemon.stop());
  if (isSetUp) {
    fs.mkdirSync(setupFolder(daemon.home), { recursive: true });
    writeMarker(daemon.home, MARKER);
  }
  const client = await daemon.connect();
  const file = path.join(daemon.work, 'ran');
  const exec = (sandboxPolicy: typeof READ_ONLY | typeof DIRECT) =>
    client.request('command/exec', { command: ['cmd.exe', '/d', '/c', `echo ran>${file}`], sandboxPolicy });
  return { exec, ran: () => fs.existsSync(file) };
}

t.test('without `[windows] sandbox` a command that needs one is refused, with the way to it', onWindows, async (t) => {
  const { exec, ran } = await start(t, '', false);
  await t.rejects(exec(READ_ONLY), /`\[windows\] sandbox` is not set; run `codexd windows-sandbox-setup`/);
  t.notOk(ran());
});

t.test('without a set-up it is refused as well', onWindows, async (t) => {
  const { exec, ran } = await start(t, '[windows]\nsandbox = "elevated"\n', false);
  for (const policy of [READ_ONLY, DIRECT]) await t.rejects(exec(policy), /the Windows sandbox is not set up/);
  t.notOk(ran());
});

t.test('a marker is not believed: the canaries find that nothing stands', onWindows, async (t) => {
  const { exec, ran } = await start(t, '[windows]\nsandbox = "elevated"\n', true);
  await t.rejects(exec(READ_ONLY), /the walls of the user `offline` do not stand: /);
  await t.rejects(exec(DIRECT), /the walls of the user `online` do not stand: /);
  t.notOk(ran());
});

t.test('a restricted token that is not restricted runs nothing', onWindows, async (t) => {
  const { exec, ran } = await start(t, '[windows]\nsandbox = "unelevated"\nsandbox_private_desktop = false\n', false);
  await t.rejects(exec(READ_ONLY), /is not set up, and a command without direct network needs it/);
  await t.rejects(exec(DIRECT), /the walls of the user `online` do not stand: /);
  t.notOk(ran());
});
