import fc from 'fast-check';
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { execaSync } from 'execa';
import { readIgnoreRules } from '../../../server/file-search/walk/ignore-rules.js';

t.test('an empty file, and one of comments, have no rules', async (t) => {
  for (const text of ['', '\n\n', '# a\n#b\r\n', '   \n', '/\n', '!\n']) t.equal(readIgnoreRules(text), null, text);
});

t.test('git reads random patterns in the same way', async (t) => {
  const root = t.testdir();
  execaSync('git', ['init', '-q'], { cwd: root });
  const NAMES = ['a', 'b', 'ab', 'a.o', 'b.o', '!a', '#a', 'a b', 'a ', '[', 'a]', '\\a', '-', '*'];
  const folders = ['', 'a/', 'b/', 'a/b/', 'a/b/ab/'];
  const places = folders.flatMap((folder) => NAMES.map((name) => `${folder}${name}`));
  const piece = fc.constantFrom(
    'a',
    'b',
    'ab',
    '*',
    '**',
    '?',
    '/',
    '/',
    '**/',
    '/**',
    '.o',
    '[ab]',
    '[!a]',
    '[a-b]',
    '[]]',
    '\\*',
    '\\!',
    '\\ ',
    ' ',
    '#',
    '!',
    '[',
    '-',
    '[[:alpha:]]',
    '[^a-]',
    '\\',
  );
  const line = fc
    .tuple(fc.constantFrom('', '', '!', '/'), fc.array(piece, { minLength: 1, maxLength: 5 }))
    .map(([head, rest]) => head + rest.join(''));
  const samples = fc.sample(fc.array(line, { minLength: 1, maxLength: 4 }), 150);
  for (const lines of samples) {
    const text = `${lines.join('\n')}\n`;
    fs.writeFileSync(path.join(root, '.gitignore'), text);
    // Patterns alone, without what the folders above decide: so each place is asked for as it is.
    const { stdout } = execaSync(
      'git',
      ['-c', 'core.quotePath=false', 'check-ignore', '--no-index', '-v', '-n', '--stdin', '-z'],
      {
        cwd: root,
        input: places.map((place) => `${place}\0`).join(''),
        reject: false,
      },
    );
    const fields = stdout.split('\0');
    const rules = readIgnoreRules(text);
    for (const [at, place] of places.entries()) {
      const pattern = fields[at * 4 + 2] ?? '';
      const wanted = pattern === '' ? null : pattern.startsWith('!') ? 'kept' : 'ignored';
      const parents = place
        .split('/')
        .slice(0, -1)
        .map((_, depth, all) => all.slice(0, depth + 1).join('/'));
      const above = parents.map((parent) => rules?.judge(parent, true) ?? null);
      // git does not look below an ignored folder.
      const judged = above.includes('ignored') ? 'ignored' : (rules?.judge(place, false) ?? null);
      if (judged !== wanted)
        return t.fail(
          `${JSON.stringify(text)}: ${JSON.stringify(place)} is ${judged}, for git ${wanted} by ${pattern}`,
        );
    }
  }
  t.pass(`${samples.length} files of patterns`);
});
