/** The walk leaves out what git leaves out: patterns of several folders, the repository's and the user's, together. */
import { execaSync } from 'execa';
import fc from 'fast-check';
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { PathIndex } from '../../../server/file-search/match/path-index.js';
import { walkTrees } from '../../../server/file-search/walk/tree-walk.js';

t.setTimeout(120_000);

const FOLDERS = ['', 'a', 'b', 'a/b', 'a/b/ab', 'b/.x'];
const NAMES = ['a.o', 'b.o', 'ab.c', '.hid', 'a b', 'é.o', '#c', '!n', 'x]'];

const piece = fc.constantFrom(
  ...['a', 'b', 'ab', '.o', '.c', '*', '**', '?', '/', '/', '**/', '/**', '[ab]', '[!a]', '[^.]', '[[:alpha:]]'],
  ...['é', '#', '!', '\\!', '\\#', '\\ ', ' ', ']', '.', '.x', '.hid', '\\*'],
);
const line = fc
  .tuple(fc.constantFrom('', '', '', '!', '/', '!/'), fc.array(piece, { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([head, pieces, isFolder]) => `${head}${pieces.join('')}${isFolder ? '/' : ''}`);
const lines = fc.array(line, { minLength: 1, maxLength: 4 }).map((all) => `${all.join('\n')}\n`);
/** Where the patterns are, and what they are. */
const files = fc.dictionary(
  fc.constantFrom(
    ...FOLDERS.map((folder) => path.posix.join(folder, '.gitignore')),
    path.posix.join('.git', 'info', 'exclude'),
    'USER',
  ),
  lines,
  { minKeys: 1, maxKeys: 4 },
);

t.test('in trees with random patterns the walk finds what git does not ignore', async (t) => {
  const root = t.testdir({ home: {}, tree: {} });
  const [home, tree] = [path.join(root, 'home'), path.join(root, 'tree')];
  const user = path.join(home, '.config', 'git', 'ignore');
  fs.mkdirSync(path.dirname(user), { recursive: true });
  const env = { PATH: process.env.PATH, HOME: home, XDG_CONFIG_HOME: path.join(home, '.config') };
  execaSync('git', ['init', '-q'], { cwd: tree, env, extendEnv: false });
  for (const folder of FOLDERS) {
    fs.mkdirSync(path.join(tree, folder), { recursive: true });
    for (const name of NAMES) fs.writeFileSync(path.join(tree, folder, name), '');
  }
  let checked = 0;
  fc.assert(
    fc.property(files, (patterns) => {
      const places = Object.keys(patterns).map((name) => (name === 'USER' ? user : path.join(tree, name)));
      Object.values(patterns).forEach((text, at) => fs.writeFileSync(places[at]!, text));
      try {
        const listed = execaSync('git', ['ls-files', '-o', '--exclude-standard', '-z'], {
          cwd: tree,
          env,
          extendEnv: false,
        });
        const wanted = listed.stdout.split('\0').filter((name) => name !== '');
        const difference = symmetric(new Set(wanted), new Set(walked(tree, env)));
        checked++;
        if (difference.length > 0) throw new Error(`the walk and git differ at ${difference.join(', ')}`);
      } finally {
        for (const place of places) fs.rmSync(place, { force: true });
      }
    }),
    { numRuns: 150, interruptAfterTimeLimit: 20_000 },
  );
  t.ok(checked > 0, `${checked} sets of patterns`);
});

/** Files outside of `.git`. */
function walked(tree: string, env: Readonly<NodeJS.ProcessEnv>): string[] {
  const index = new PathIndex();
  const walk = walkTrees([tree], index, env);
  while (!walk.advance(Infinity, Infinity));
  return Array.from({ length: index.size }, (_, id) => id)
    .filter((id) => !index.isFolder(id))
    .map((id) => index.pathOf(id))
    .filter((name) => !name.startsWith('.git/'));
}

function symmetric(one: ReadonlySet<string>, other: ReadonlySet<string>): string[] {
  return [...[...one].filter((name) => !other.has(name)), ...[...other].filter((name) => !one.has(name))];
}
