import fs from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import type { WindowsSettings } from '../../../../server/config/settings/windows-settings.js';
import { READ_ONLY, WORKSPACE_WRITE } from '../../../../server/config/permissions/permission-profile.js';
import { silentLogger } from '../../../../server/log/log.js';
import type { SandboxRequest } from '../../../../server/sandbox/policy/sandbox.js';
import type { WindowsIdentity } from '../../../../server/sandbox/windows/identity.js';
import type { ProofResult } from '../../../../server/sandbox/windows/run/proofs.js';
import type { SetupMarker, SetupState } from '../../../../server/sandbox/windows/setup-state.js';
import { takeRequest } from '../../../../server/sandbox/windows/run/launch-request.js';
import { createWindowsSandbox } from '../../../../server/sandbox/windows/run/windows-sandbox.js';
import { startChild } from '../../../fixtures/programs.js';
import { onWindows } from '../../../fixtures/windows.js';
import { MARKER, openSandbox } from './fixtures/open-sandbox.js';

interface Fake {
  mode: WindowsSettings['mode'];
  setup: SetupState;
  proof: (identity: WindowsIdentity) => ProofResult;
}

const GOOD = (): ProofResult => ({ ok: true });
const READY: SetupState = { status: 'ready', marker: MARKER };

/** A sandbox whose system is what `fake` says, and the identities that were proved. */
function fakeSandbox(t: Test, fake: Fake) {
  const codexHome = t.testdir();
  const proved: string[] = [];
  const sandbox = createWindowsSandbox(
    {
      codexHome,
      runtimeDir: path.join(codexHome, 'tmp'),
      hiddenPaths: [],
      homeNames: [],
      settings: () => ({ mode: fake.mode, privateDesktop: true }),
      log: silentLogger,
    },
    {
      launcher: ['launcher'],
      readSetup: () => fake.setup,
      apply: () => Promise.resolve({ capabilities: [], release: () => {} }),
      prove: (identity, setup: SetupMarker | null) => {
        proved.push(`${identity.user} ${identity.path} ${setup?.createdAt ?? '-'}`);
        return Promise.resolve(fake.proof(identity));
      },
    },
  );
  const request = (changes: Partial<SandboxRequest> = {}): SandboxRequest => ({
    argv: ['program'],
    cwd: codexHome,
    env: {},
    profile: READ_ONLY,
    workspaceRoots: [],
    network: 'offline',
    terminal: false,
    ...changes,
  });
  return { sandbox, proved, request };
}

const LEAK = (): ProofResult => ({ ok: false, problem: 'UDP on loopback (leaked: done)', fix: 'set it up again' });

t.test('without the setting there is no sandbox, and nothing is proved', async (t) => {
  for (const [mode, reason] of [
    [null, /`\[windows\] sandbox` is not set/],
    ['unknown', /names a sandbox that codexd does not have/],
  ] as const) {
    const { sandbox, proved, request } = fakeSandbox(t, { mode, setup: READY, proof: GOOD });
    t.match(await sandbox.status(), { available: false, reason });
    await t.rejects(sandbox.wrap(request()), { code: 'sandbox.refused', message: reason });
    t.strictSame(proved, []);
  }
});

t.test('without a set-up, or with one of another version, commands are refused with the way to it', async (t) => {
  for (const [status, reason] of [
    ['notConfigured', /is not set up/],
    ['updateRequired', /of another version/],
  ] as const) {
    const { sandbox, request } = fakeSandbox(t, { mode: 'elevated', setup: { status }, proof: GOOD });
    t.match(await sandbox.status(), { available: false, reason, fix: /codexd windows-sandbox-setup/ });
    for (const network of ['offline', 'lane', 'direct'] as const)
      await t.rejects(sandbox.wrap(request({ network })), { message: /windows-sandbox-setup/ });
  }
});

t.test('each user is proved once, and again after another set-up or in another mode', async (t) => {
  const fake: Fake = { mode: 'elevated', setup: READY, proof: GOOD };
  const { sandbox, proved } = fakeSandbox(t, fake);
  t.strictSame(await sandbox.status(), { available: true, kind: 'windows', version: 'elevated' });
  await sandbox.status();
  t.strictSame(proved.splice(0), [`online logon ${MARKER.createdAt}`, `offline logon ${MARKER.createdAt}`]);
  fake.setup = { status: 'ready', marker: { ...MARKER, createdAt: 'later' } };
  await sandbox.status();
  t.strictSame(proved.splice(0), ['online logon later', 'offline logon later']);
  fake.mode = 'unelevated';
  t.strictSame(await sandbox.status(), { available: true, kind: 'windows', version: 'unelevated' });
  t.strictSame(proved, ['online restrictedToken later']);
});

t.test('a leak of a user refuses its commands by name; it is tried again with the next one', async (t) => {
  const fake: Fake = { mode: 'elevated', setup: READY, proof: LEAK };
  const { sandbox, proved, request } = fakeSandbox(t, fake);
  t.match(await sandbox.status(), { available: false, reason: /`online` do not stand: UDP on loopback \(leaked/ });
  const message = /`offline` do not stand: UDP on loopback \(leaked: done\); set it up again/;
  await t.rejects(sandbox.wrap(request()), { code: 'sandbox.refused', message });
  t.equal(proved.length, 2);
  fake.proof = ({ user }) => (user === 'offline' ? LEAK() : GOOD());
  t.match(await sandbox.status(), { available: false, reason: /`offline` do not stand/ });
});

t.test('unelevated without a set-up has only commands with direct network', async (t) => {
  const { sandbox, request } = fakeSandbox(t, { mode: 'unelevated', setup: { status: 'notConfigured' }, proof: GOOD });
  t.match(await sandbox.status(), { available: true, version: 'unelevated, only with direct network' });
  await t.rejects(sandbox.wrap(request()), { message: /is not set up, and a command without direct network needs it/ });
});

t.test('a terminal of this program is refused by name, and one of the sandbox is in the request', async (t) => {
  const { sandbox, request } = fakeSandbox(t, { mode: 'elevated', setup: READY, proof: GOOD });
  const size = { rows: 20, cols: 70 };
  const wrapped = await sandbox.wrap(request({ terminal: true, terminalSize: size }));
  t.match(takeRequest(wrapped.args.at(-1) ?? ''), { terminal: size });
  wrapped.release();
  await t.rejects(sandbox.wrap(request({ terminal: true })), {
    code: 'sandbox.refused',
    message: /terminal of this program on Windows/,
  });
});

t.test('a command runs through launcher and runner, and leaves no request', onWindows, async (t) => {
  const codexHome = fs.mkdtempSync('C:\\work\\home-');
  t.teardown(() => fs.rmSync(codexHome, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
  const work = path.join(codexHome, '..', path.basename(codexHome).replace('home', 'project'));
  fs.mkdirSync(work);
  t.teardown(() => fs.rmSync(work, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
  const sandbox = openSandbox(codexHome, { prove: () => Promise.resolve({ ok: true }) });
  const wrapped = await sandbox.wrap({
    argv: ['cmd.exe', '/d', '/c', 'echo in %CD% & exit 5'],
    cwd: work,
    env: { SystemRoot: 'C:\\windows', PATH: 'C:\\windows\\system32', SECRET: 'word' },
    profile: WORKSPACE_WRITE,
    workspaceRoots: [work],
    network: 'offline',
    terminal: false,
  });
  t.notMatch(JSON.stringify([wrapped.file, wrapped.args, wrapped.env]), /SECRET|cmd\.exe \//);
  const child = startChild(wrapped.file, wrapped.args, {
    cwd: work,
    env: { ...wrapped.env },
    extendEnv: false,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  t.match(stdout, `in ${work}`, stderr);
  t.equal((await child).exitCode, 5);
  wrapped.release();
  t.strictSame(fs.readdirSync(path.join(codexHome, 'tmp', 'codexd-sandbox')), []);
});
