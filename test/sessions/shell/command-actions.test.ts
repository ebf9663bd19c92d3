import t from 'tap';
import { commandActions } from '../../../server/sessions/shell/command-actions.js';
import { plainScript } from '../../../server/sessions/shell/plain-script.js';

const plain = (script: string) => plainScript(script)?.pipelines.flat();
const read = (command: string, path: string) => ({ type: 'read', command, name: path.split('/').at(-1), path });
const list = (command: string, path: string | null) => ({ type: 'listFiles', command, path });
const search = (command: string, query: string, path: string | null) => ({ type: 'search', command, query, path });

t.test('the commands of a script determine its actions', (t) => {
  const cases: readonly [string, readonly object[]][] = [
    ['cat a.txt', [read('cat a.txt', '/w/a.txt')]],
    ["cat 'a b.txt'", [read("cat 'a b.txt'", '/w/a b.txt')]],
    ['head -n 5 a.txt', [read('head -n 5 a.txt', '/w/a.txt')]],
    ['sed -n 1,20p src/x.ts', [read("sed -n '1,20p' src/x.ts", '/w/src/x.ts')]],
    ['nl -ba f | sed -n 1,5p', [read("nl -ba f | sed -n '1,5p'", '/w/f')]],
    ['cd d && cat a', [read('cat a', '/w/d/a')]],
    ['cat a | head -n 3', [read('cat a', '/w/a')]],
    ['ls', [list('ls', null)]],
    ['ls -la d/e/', [list('ls -la d/e/', 'e')]],
    ['rg --files', [list('rg --files', null)]],
    ['find src -type f', [list('find src -type f', 'src')]],
    ['git ls-files', [list('git ls-files', null)]],
    ['rg -n foo d/a.txt', [search('rg -n foo d/a.txt', 'foo', 'a.txt')]],
    ['grep -r "two words" /nonexist', [search("grep -r 'two words' /nonexist", 'two words', 'nonexist')]],
    ["find . -name '*.ts'", [search("find . -name '*.ts'", '*.ts', '.')]],
    ['git grep x', [search('git grep x', 'x', null)]],
    ['echo heading; cat a && true', [read('cat a', '/w/a')]],
    ['cat a; ls', [read('cat a', '/w/a'), list('ls', null)]],
  ];
  for (const [script, actions] of cases) t.same(commandActions(script, '/w'), actions, script);
  t.end();
});

t.test('anything else makes the whole script unknown', (t) => {
  const scripts = [
    'cat a b',
    'npm test',
    'cat a > b',
    'cat <<EOF\nx\nEOF',
    'bash -lc "cat a"',
    'cat $(ls)',
    'cat a && rm a',
    'find . -name x -delete',
    'find . -exec rm {} +',
    'X=1 cat a',
    'cat a &',
    '(cat a)',
    "cat 'a",
    '',
  ];
  for (const script of scripts) t.same(commandActions(script, '/w'), [{ type: 'unknown', command: script }], script);
  t.end();
});

t.test('a script is parsed only if its words determine everything', (t) => {
  t.same(plain("a 'b c' && d|e; f || g"), [['a', 'b c'], ['d'], ['e'], ['f'], ['g']]);
  t.same(plain('a\nb\n'), [['a'], ['b']]);
  const others = [
    'a `b`',
    'a $B',
    'a > b',
    'a & b',
    'a | | b',
    '&& a',
    'a "$b"',
    'if a; then b; fi',
    'A=1',
    'A+=1 b',
    'a \\b',
    'a # b',
  ];
  for (const script of others) t.equal(plainScript(script), null, script);
  t.end();
});
