import path from 'node:path';
import t from 'tap';
import { paths } from '../../../server/system/files/paths.js';
import { slashed } from '../../fixtures/local-paths.js';
import { expandDenyGlobs } from '../../../server/sandbox/policy/deny-globs.js';

const TREE = {
  '.env': '',
  'prod.env': '',
  'env.txt': '',
  'a[1].txt': '',
  keys: { 'x.pem': '', 'y.key': '', deep: { 'z.pem': '' } },
  src: { '.env': '', lib: { '.env.local': '', secrets: { token: '' } } },
};

const ROWS: readonly [pattern: string, want: readonly string[], why: string][] = [
  ['*.env', ['.env', 'prod.env'], 'one name, at the top only; a leading dot is a character'],
  ['**/*.env', ['.env', 'prod.env', 'src/.env'], '`**` stands for no folder as well'],
  ['**/.env*', ['.env', 'src/.env', 'src/lib/.env.local'], 'a star stands for nothing as well'],
  ['keys/*.pem', ['keys/x.pem'], 'a star does not cross a slash'],
  ['keys/**/*.pem', ['keys/deep/z.pem', 'keys/x.pem'], '`**` in the middle'],
  ['keys/**', ['keys/deep', 'keys/x.pem', 'keys/y.key'], '`**` at the end: everything below'],
  ['**/secrets', ['src/lib/secrets'], 'a folder is hidden as a whole'],
  ['**/secrets/**', ['src/lib/secrets/token'], 'or everything in it'],
  ['keys/{x,y}.{pem,key}', ['keys/x.pem', 'keys/y.key'], 'alternatives'],
  ['{keys/x,src/lib}*', ['keys/x.pem', 'src/lib'], 'alternatives across a slash'],
  ['keys/[xy].pem', ['keys/x.pem'], 'a class'],
  ['keys/[!x].*', ['keys/y.key'], 'the other characters'],
  ['keys/[w-x].*', ['keys/x.pem'], 'a range'],
  ['a[[]1].txt', ['a[1].txt'], 'a bracket in a class'],
  // On Windows the backslash separates names.
  [paths.windows ? 'a[[]1[]].txt' : 'a\\[1\\].txt', ['a[1].txt'], 'characters that are meant as they stand'],
  ['?nv.txt', ['env.txt'], 'one character'],
  ['.env', ['.env'], 'no pattern at all'],
  ['nothing/**/here', [], 'no match'],
];

t.test('a glob means the same as in a shell', async (t) => {
  const base = t.testdir(TREE);
  for (const [pattern, want, why] of ROWS) {
    const matches = await expandDenyGlobs([{ base, pattern }], null);
    t.same(matches.map((match) => slashed(path.relative(base, match.path))).sort(), want, `${pattern}: ${why}`);
  }
});

t.test('the search is as deep as the profile says', async (t) => {
  const base = t.testdir(TREE);
  const found = async (depth: number) => (await expandDenyGlobs([{ base, pattern: '**/.env*' }], depth)).length;
  t.equal(await found(1), 1);
  t.equal(await found(2), 2);
  t.equal(await found(3), 3);
});

t.test('a match is protected if renaming a folder above would move it out of the pattern', async (t) => {
  const base = t.testdir(TREE);
  const globs = ['**/*.env', 'keys/*.pem', 'src/*'].map((pattern) => ({ base, pattern }));
  const anchored = Object.fromEntries(
    (await expandDenyGlobs(globs, null)).map((match) => [slashed(path.relative(base, match.path)), match.anchored]),
  );
  t.same(anchored, { '.env': false, 'prod.env': false, 'src/.env': true, 'src/lib': true, 'keys/x.pem': true });
});

t.test('with a pattern that is not understood, the command is refused', async (t) => {
  for (const pattern of ['{a,b', 'a[b']) {
    await t.rejects(expandDenyGlobs([{ base: t.testdirName, pattern }], null), {
      code: 'sandbox.refused',
      message: /nothing runs/,
    });
  }
});

t.test('with more matches than can be hidden, the command is refused', async (t) => {
  const base = t.testdir(Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`${i}.env`, ''])));
  await t.rejects(expandDenyGlobs([{ base, pattern: '*.env' }], null), {
    code: 'sandbox.refused',
    message: /more than 1000 paths/,
  });
});
