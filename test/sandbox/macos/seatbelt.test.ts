import t from 'tap';
import { seatbeltPolicy } from '../../../server/sandbox/macos/seatbelt.js';
import type { PlannedMount } from '../../../server/sandbox/policy/policy.js';
import { can, canLink, canRename, canSomehow, type Question } from './evaluator.js';
import { inAll, samplePlan } from './sample.js';

t.test('files: what is granted, what is not, and by which names', async (t) => {
  const yes = (act: Parameters<typeof can>[1], path: string): void =>
    inAll(t, `${act} ${path}`, true, (policy) => can(policy, act, path));
  const no = (act: Parameters<typeof can>[1], path: string): void =>
    inAll(t, `${act} ${path}`, false, (policy) => canSomehow(policy, act, path));
  yes('read', '/Users/u/other');
  yes('run', '/usr/bin/true');
  no('change', '/Users/u/other');
  for (const act of ['read', 'change', 'create', 'remove', 'run'] as const) yes(act, '/Users/u/w/new');
  yes('create', '/private/tmp/x');
  // The Codex home
  yes('read', '/Users/u/.codex');
  yes('read', '/Users/u/.codex/config.toml');
  for (const act of ['read', 'change', 'create', 'stat', 'run'] as const) no(act, '/Users/u/.codex/auth.json');
  no('change', '/Users/u/.codex/config.toml');
  // A quoted name
  for (const act of ['read', 'change', 'remove', 'run'] as const) no(act, '/Users/u/w/a "quoted" \\ name');
  // Read-only and missing names
  for (const act of ['change', 'create', 'remove', 'chmod'] as const) no(act, '/Users/u/w/.git/config');
  yes('read', '/Users/u/w/.git/config');
  for (const name of ['.agents', '.AGENTS', '.agent\u017f', '.aGents/skills']) no('create', `/Users/u/w/${name}`);
  yes('create', '/Users/u/w/.agents2');
  no('create', '/Users/u/w/sub/.git/commondir');
});

t.test('nothing that has a rule changes its name, and nothing gets a second one', async (t) => {
  for (const place of ['/Users/u/w/sub', '/Users/u/w', '/Users/u', '/private/tmp', '/Users/u/w/.git'])
    inAll(t, `rename ${place}`, false, (policy) => canRename(policy, place, '/private/tmp/moved'));
  inAll(t, 'replace a pinned folder', false, (policy) => can(policy, 'remove', '/Users/u/w/sub'));
  inAll(t, 'rename', true, (policy) => canRename(policy, '/Users/u/w/sub/a', '/private/tmp/b'));
  for (const place of ['/Users/u/w/.git/config', '/Users/u/w/a "quoted" \\ name', '/usr/bin/true'])
    inAll(t, `link ${place}`, false, (policy, reading) => canLink(policy, reading, place, '/Users/u/w/link'));
  inAll(t, 'times and modes of a pinned folder', true, (policy) => can(policy, 'chmod', '/Users/u/w/sub'));
});

t.test('a bare sandbox has what programs need to start, and not the other volume beside it', async (t) => {
  const mounts: readonly PlannedMount[] = [
    { kind: 'readable', path: '/bin' },
    { kind: 'writable', path: '/Users/u/w' },
  ];
  const text = seatbeltPolicy(samplePlan(mounts, 'bare'), { network: { kind: 'offline' }, mark: null });
  for (const file of ['/System/Library/dyld/cache', '/usr/lib/dyld', '/bin/sh', '/', '/Users/u/w/x'])
    inAll(t, file, true, (policy) => can(policy, 'read', file), text);
  for (const file of [
    '/System/Volumes/Data/Users/u/.ssh/id',
    '/Users/u/.ssh/id',
    '/Users/u',
    '/usr/bin/git',
    '/Library',
  ])
    inAll(t, file, false, (policy) => policy({ operation: 'file-read-data', path: file }), text);
  for (const step of ['/Users', '/Users/u', '/tmp', '/var', '/etc'])
    inAll(t, `stat ${step}`, true, (policy) => can(policy, 'stat', step), text);
  inAll(t, 'stat a stranger', false, (policy) => can(policy, 'stat', '/Users/u/.ssh'), text);
});

t.test('devices: the own ones, and no terminal of another program', async (t) => {
  for (const base of ['readable', 'writable', 'bare', 'unrestricted'] as const) {
    const text = seatbeltPolicy(samplePlan([], base), { network: { kind: 'offline' }, mark: null });
    for (const device of ['/dev/null', '/dev/tty', '/dev/ptmx'])
      inAll(t, `${base}: ${device}`, true, (policy) => can(policy, 'change', device), text);
    for (const act of ['read', 'change'] as const)
      inAll(t, `${base}: ${act} a terminal`, false, (policy) => can(policy, act, '/dev/ttys004'), text);
    const own: Question = { operation: 'file-read-data', path: '/dev/ttys004', extension: 'com.apple.sandbox.pty' };
    inAll(t, `${base}: its own terminal`, true, (policy) => policy(own), text);
    const memory = '/dev/disk0';
    inAll(t, `${base}: a disk`, base === 'unrestricted', (policy) => can(policy, 'read', memory), text);
  }
});
