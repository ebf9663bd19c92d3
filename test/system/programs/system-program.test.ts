/**
 * Security bar, case 85: what the daemon runs outside of the sandbox comes from the system, and nobody can exchange it.
 */
import { execaSync } from 'execa';
import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import {
  LAUNCH_ENVIRONMENT,
  lookUp,
  namedProgram,
  systemProgram,
  SystemProgramError,
} from '../../../server/system/programs/system-program.js';

const root = process.getuid?.() === 0;
const asRoot = { skip: root ? false : 'NOT TESTED: only root can give files to others' };

/** A folder with a program `nsenter` in it. */
function place(t: Test): { folder: string; file: string } {
  const folder = path.join(t.testdir({ bin: { nsenter: '#!/bin/sh\n' } }), 'bin');
  fs.chmodSync(folder, 0o755);
  const file = path.join(folder, 'nsenter');
  fs.chmodSync(file, 0o755);
  return { folder, file };
}

t.test('case 85: a program of the system is found by its absolute path, whatever PATH contains', async (t) => {
  const { folder } = place(t);
  const before = process.env.PATH;
  t.teardown(() => (process.env.PATH = before));
  process.env.PATH = folder;
  t.match(systemProgram('sh'), /^\/(usr\/)?bin\/sh$/);
  t.notMatch(systemProgram('sh'), folder);
});

t.test('case 85: a missing program is refused with the places and the package', async (t) => {
  const { folder } = place(t);
  t.throws(() => lookUp('flock', [folder, '/nowhere']), {
    name: 'SystemProgramError',
    message: `flock was looked for in ${folder}, /nowhere and is in none of them: install flock (package util-linux)`,
  });
});

t.test("case 85: a user's own program is not run, and the next folder is tried", { skip: root }, async (t) => {
  const { folder, file } = place(t);
  t.throws(() => lookUp('nsenter', [folder]), { message: new RegExp(`${folder}.* belongs to this user`) });
  t.equal(namedProgram(file, 'CODEXD_BWRAP'), file, 'named, it may be theirs');
});

const CHANGES: readonly [title: string, change: (place: { folder: string; file: string }) => void, why: RegExp][] = [
  ['everybody can write', ({ file }) => fs.chmodSync(file, 0o757), /nsenter can be written by everybody/],
  ['a group can write', ({ file }) => (fs.chownSync(file, 0, 50), fs.chmodSync(file, 0o775)), /by the group 50/],
  ['another user has', ({ file }) => fs.chownSync(file, 4321, 0), /belongs to the user 4321/],
  ['lies in a folder that everybody can write', ({ folder }) => fs.chmodSync(folder, 0o777), /bin can be written by/],
  ['lies in a folder that another user has', ({ folder }) => fs.chownSync(folder, 4321, 0), /bin belongs to the user/],
  [
    'is a link to one that another user has',
    ({ folder, file }) => {
      const target = path.join(folder, 'target');
      fs.renameSync(file, target);
      fs.chownSync(target, 4321, 0);
      fs.symlinkSync('target', file);
    },
    /target belongs to the user 4321/,
  ],
  [
    'is reached by a link in a folder that everybody can write',
    ({ folder, file }) => {
      const loose = path.join(folder, 'loose');
      fs.mkdirSync(loose);
      fs.chmodSync(loose, 0o777);
      fs.renameSync(file, path.join(folder, 'target'));
      fs.symlinkSync('../target', path.join(loose, 'step'));
      fs.symlinkSync('loose/step', file);
    },
    /loose can be written by everybody/,
  ],
  [
    'is reached by a link of another user in a sticky folder',
    ({ folder, file }) => {
      const sticky = path.join(folder, 'sticky');
      fs.mkdirSync(sticky);
      fs.chmodSync(sticky, 0o1777);
      fs.renameSync(file, path.join(folder, 'target'));
      fs.symlinkSync('../target', path.join(sticky, 'step'));
      fs.lchownSync(path.join(sticky, 'step'), 4321, 0);
      fs.symlinkSync('sticky/step', file);
    },
    /step belongs to the user 4321/,
  ],
];

for (const [title, change, why] of CHANGES) {
  t.test(`case 85: a program that ${title} is not run`, asRoot, async (t) => {
    const made = place(t);
    t.equal(lookUp('nsenter', [made.folder]), made.file, 'before');
    change(made);
    t.throws(() => lookUp('nsenter', [made.folder]), { message: why });
    t.throws(() => namedProgram(made.file, 'CODEXD_BWRAP'), { message: why });
    t.match(lookUp('nsenter', [made.folder, '/usr/bin']), /^\/usr\/bin\//, 'the next folder has one');
  });
}

t.test('case 85: cycles of links and files that are not programs are ignored', async (t) => {
  const folder = t.testdir({ flock: 'no program', nsenter: t.fixture('symlink', 'nsenter') });
  t.throws(() => lookUp('nsenter', [folder]), SystemProgramError);
  t.throws(() => lookUp('flock', [folder]), SystemProgramError);
  t.throws(() => namedProgram('bin/bwrap', 'CODEXD_BWRAP'), { message: /is not the absolute path of a program/ });
});

t.test(
  "case 85: a root that is not root outside of its namespace finds the outer root's programs",
  asRoot,
  async (t) => {
    const script = `import('${path.resolve('build/server/system/programs/system-program.js')}').then((m) => console.log(m.systemProgram('sh')))`;
    const seen = execaSync('/usr/bin/unshare', ['--user', '--map-root-user', process.execPath, '-e', script], {
      uid: 4321,
      gid: 4321,
      cwd: '/',
      env: {},
      extendEnv: false,
      stripFinalNewline: false,
    }).stdout;
    t.match(seen, /^\/(usr\/)?bin\/sh\n$/);
  },
);

t.test('case 85: the started program gets a PATH of system folders and no variables of the daemon', async (t) => {
  t.strictSame(Object.keys(LAUNCH_ENVIRONMENT), ['PATH', 'LC_ALL']);
  for (const folder of (LAUNCH_ENVIRONMENT.PATH ?? '').split(':')) t.notMatch(folder, /local|home/);
});
