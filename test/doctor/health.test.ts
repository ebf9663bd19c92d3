import t from 'tap';
import type { SettingsReader } from '../../server/config/settings/command-settings.js';
import {
  DANGER_FULL_ACCESS,
  READ_ONLY,
  type PermissionProfile,
} from '../../server/config/permissions/permission-profile.js';
import { createHealth } from '../../server/doctor/health.js';
import type { SandboxStatus } from '../../server/sandbox/policy/sandbox.js';
import { startDaemon } from '../fixtures/daemon.js';

t.setTimeout(120_000);

/** Only the settings that the check reads. */
const settingsFor = (profile: PermissionProfile): SettingsReader =>
  ({
    settings: () => ({
      defaultProfile: profile,
      networkAccess: () => ({ kind: profile.networkEnabled ? 'direct' : 'offline' }),
      codexd: { commandExec: { onNetworkDenial: 'cancel' } },
    }),
  }) as unknown as SettingsReader;

const BAD: SandboxStatus = { available: false, reason: 'it is not there', fix: 'install it' };
const GOOD = { available: true, kind: 'bubblewrap', program: '/usr/bin/bwrap', version: '1.0.0' } as SandboxStatus;

function scene(first: SandboxStatus, profile = READ_ONLY, platform: NodeJS.Platform = 'linux') {
  const world = { status: first, time: 0, looks: 0 };
  const health = createHealth({
    codexHome: '/nonexistent',
    settings: async () => settingsFor(profile),
    look: async () => {
      world.looks++;
      return world.status;
    },
    now: () => world.time,
    platform,
  });
  return { world, health };
}

t.test('on Windows a daemon without a sandbox is ready, because its client sets the sandbox up', async (t) => {
  const { health } = scene(BAD, READ_ONLY, 'win32');
  t.match(await health.problems(), [{ id: 'sandbox.bubblewrap' }], 'the client gets the warning');
  t.equal(health.unready(), null);
});

t.test('however often health is requested, it is checked only once in a while', async (t) => {
  const { world, health } = scene(GOOD);
  for (let n = 0; n < 100; n++) {
    t.strictSame(await health.problems(), []);
    health.unready();
    t.strictSame(await health.sandbox(), GOOD, 'for the overview of operators');
  }
  t.equal(world.looks, 1);
  await new Promise(setImmediate); // The caller that called last has its answer, too.
  world.time += 61_000;
  world.status = BAD;
  t.strictSame(await health.problems(), [], 'nobody waits for the look');
  await new Promise(setImmediate);
  t.match(await health.problems(), [{ id: 'sandbox.bubblewrap', fix: 'install it' }]);
  t.equal(world.looks, 2);
  t.equal(health.unready(), 'commands cannot be sandboxed here: it is not there: install it\n');
});

t.test('after a repair the daemon is soon ready again', async (t) => {
  const { world, health } = scene(BAD);
  t.equal((await health.problems()).length, 1);
  world.status = GOOD;
  t.equal((await health.problems()).length, 1, 'not looked at again at once');
  world.time += 6000;
  t.strictSame(await health.problems(), []);
  t.equal(health.unready(), null);
});

t.test('if commands are configured to have no sandbox, a missing one is no problem', async (t) => {
  const { health } = scene(BAD, DANGER_FULL_ACCESS);
  t.strictSame(await health.problems(), []);
});

t.test('a check that throws is a reason', async (t) => {
  const health = createHealth({
    codexHome: '/nonexistent',
    settings: async () => settingsFor(READ_ONLY),
    look: async () => Promise.reject(new Error('broken')),
  });
  t.match(await health.problems(), [{ status: 'fail', what: /broken/ }]);
});

const readyz = async (url: string): Promise<string> => {
  const answer = await fetch(url.replace(/^ws/, 'http').replace(/\/?$/, '/readyz'));
  return `${answer.status} ${await answer.text()}`;
};

t.test('a daemon without bubblewrap is not ready, and warns its clients', async (t) => {
  const daemon = await startDaemon({ env: { CODEXD_BWRAP: '/nonexistent' } });
  t.teardown(() => daemon.stop());
  t.match(
    await readyz(daemon.url),
    /^503 commands cannot be sandboxed here: CODEXD_BWRAP=\/nonexistent .*: correct or/,
  );
  const client = await daemon.connect();
  const warning = await new Promise<{ summary: string; details?: string | null }>((resolve) =>
    client.onNotification('configWarning', resolve),
  );
  t.match(warning, { summary: /cannot be sandboxed here/, details: /correct or unset it/ });
});

t.test('a daemon with commands that need no sandbox is ready', async (t) => {
  const daemon = await startDaemon({
    env: { CODEXD_BWRAP: '/nonexistent' },
    config: 'sandbox_mode = "danger-full-access"\n',
  });
  t.teardown(() => daemon.stop());
  t.equal(await readyz(daemon.url), '200 ');
});

t.test('a healthy daemon is ready as soon as it listens', async (t) => {
  const daemon = await startDaemon();
  t.teardown(() => daemon.stop());
  t.equal(await readyz(daemon.url), '200 ');
});
