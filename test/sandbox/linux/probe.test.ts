import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { silentLogger } from '../../../server/log/log.js';
import { explain, type Machine } from '../../../server/sandbox/linux/probe.js';
import { createSandbox } from '../../../server/sandbox/create-sandbox.js';
import { unavailableSandbox } from '../../../server/sandbox/unavailable.js';
import { READ_ONLY, skipReason } from '../support.js';

/**
 * Security bar, case 58: where commands cannot be sandboxed, none run, and the error names the reason and a way out.
 */

// Evaluated before any test changes CODEXD_BWRAP.
const noSandbox = await skipReason();

const PLAIN: Machine = { container: false, wsl1: false, sysctl: {} };

const ROWS: readonly [why: string, said: string, on: Partial<Machine>, reason: RegExp, fix: RegExp][] = [
  [
    'Debian’s switch',
    'bwrap: No permissions to create new namespace, likely because the kernel does not allow non-privileged user namespaces.',
    { sysctl: { 'kernel/unprivileged_userns_clone': '0' } },
    /unprivileged_userns_clone is 0/,
    /sysctl kernel\.unprivileged_userns_clone=1/,
  ],
  [
    'user namespaces are used up or switched off',
    'bwrap: Creating new namespace failed: No space left on device',
    { sysctl: { 'user/max_user_namespaces': '0' } },
    /max_user_namespaces is 0/,
    /sysctl user\.max_user_namespaces/,
  ],
  [
    'Ubuntu 24.04',
    'bwrap: setting up uid map: Permission denied',
    { sysctl: { 'kernel/apparmor_restrict_unprivileged_userns': '1', 'user/max_user_namespaces': '5000' } },
    /AppArmor/,
    /bwrap-userns-restrict/,
  ],
  [
    'Docker without options',
    'bwrap: Creating new namespace failed: Operation not permitted',
    { container: true },
    /container/,
    /seccomp=unconfined/,
  ],
  [
    'Docker with masked paths',
    "bwrap: Can't mount proc on /newroot/proc: Operation not permitted",
    { container: true },
    /new \/proc cannot be mounted/,
    /systempaths=unconfined/,
  ],
  [
    'no rights over its own loopback',
    'bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted',
    {},
    /network interface/,
    /container/,
  ],
  ['WSL 1', 'bwrap: Creating new namespace failed: Invalid argument', { wsl1: true }, /WSL 1/, /WSL 2/],
  [
    'a mount of WSL',
    "bwrap: Can't remount readonly on /newroot/mnt/wslg/distro: Invalid argument",
    {},
    /mnt\/wslg\/distro/,
    /unmount/,
  ],
  [
    'a kernel without filters',
    'bwrap: prctl(PR_SET_SECCOMP): Invalid argument',
    {},
    /seccomp filter/,
    /CONFIG_SECCOMP_FILTER/,
  ],
  ['something new', 'bwrap: the moon is full', {}, /the moon is full/, /./],
];

t.test('case 58: errors of bubblewrap are explained, with the remedy', (t) => {
  for (const [why, said, on, reason, fix] of ROWS) {
    const explained = explain(said, { ...PLAIN, ...on });
    t.match(explained.reason, reason, why);
    t.match(explained.reason, said.slice('bwrap: '.length), `${why}: its words are kept`);
    t.match(explained.fix, fix, why);
  }
  t.end();
});

/** A sandbox that uses this file as bubblewrap. */
function sandboxWith(t: Test, script: string | null) {
  const folder = t.testdir({});
  const file = path.join(folder, 'bwrap');
  if (script !== null) fs.writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const before = process.env.CODEXD_BWRAP;
  process.env.CODEXD_BWRAP = file;
  t.teardown(() => {
    if (before === undefined) delete process.env.CODEXD_BWRAP;
    else process.env.CODEXD_BWRAP = before;
  });
  return createSandbox({ codexHome: folder, log: silentLogger });
}

const request = {
  argv: ['sh', '-c', 'echo ran'],
  cwd: '/',
  env: {},
  profile: READ_ONLY,
  workspaceRoots: [],
  network: 'offline',
  terminal: false,
} as const;

const linux = { skip: process.platform === 'linux' ? false : 'NOT TESTED: bubblewrap is on Linux only' };

const PROGRAMS: readonly [why: string, script: string | null, reason: RegExp][] = [
  ['it does not exist', null, /CODEXD_BWRAP=.* is not the absolute path of a program/],
  ['it is something else', 'echo hello', /does not answer --version/],
  ['it is too old', 'echo bubblewrap 0.4.1', /bubblewrap 0\.4\.1, and 0\.5\.0 or later is needed/],
  ['it fails', 'test "$1" = --version && echo bubblewrap 0.11.0 || { echo "bwrap: no luck" >&2; exit 1; }', /no luck/],
  [
    'it fails without a word',
    'test "$1" = --version && echo bubblewrap 0.11.0 || exit 1',
    /exit code 1 and no message/,
  ],
  ['it only pretends', 'test "$1" = --version && echo bubblewrap 0.11.0 || exit 0', /ended without a word/],
  [
    'it runs the command and nothing else',
    'test "$1" = --version && echo bubblewrap 0.11.0 && exit; while test "$1" != --; do shift; done; shift; exec "$@"',
    /without the sandbox that it was asked for/,
  ],
];

for (const [why, script, reason] of PROGRAMS) {
  t.test(`case 58: bubblewrap cannot be used because ${why}`, linux, async (t) => {
    const sandbox = sandboxWith(t, script);
    const status = await sandbox.status();
    t.match(status, { available: false, reason });
    await t.rejects(sandbox.wrap(request), {
      code: 'sandbox.refused',
      message: /^commands cannot be sandboxed here: .*; .+/,
    });
  });
}

t.test('case 58: a later repair is noticed', { skip: noSandbox }, async (t) => {
  const sandbox = sandboxWith(t, 'exit 1');
  t.match(await sandbox.status(), { available: false });
  delete process.env.CODEXD_BWRAP;
  t.match(await sandbox.status(), { available: true, kind: 'bubblewrap' });
});

t.test('case 58: a runtime folder that other users can write is not used', linux, async (t) => {
  const folder = t.testdir({ elsewhere: {} });
  fs.symlinkSync('elsewhere', path.join(folder, 'link'));
  const sandbox = createSandbox({ codexHome: folder, log: silentLogger, runtimeDir: path.join(folder, 'link') });
  t.match(await sandbox.status(), { available: false, reason: /is a link/ });
});

t.test('case 58: platforms without enforcement run nothing', async (t) => {
  for (const platform of ['darwin', 'win32', 'freebsd']) {
    const sandbox = unavailableSandbox(platform);
    t.match(await sandbox.status(), { available: false });
    await t.rejects(sandbox.wrap(request), { code: 'sandbox.refused' });
  }
});
