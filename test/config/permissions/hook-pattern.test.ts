import t from 'tap';
import { compilePattern } from '../../../server/config/permissions/hook-pattern.js';

t.test('a pattern matches as the official program reads it', async (t) => {
  const rows: readonly [pattern: string, yes: readonly string[], no: readonly string[]][] = [
    ['/g/*/x', ['/g/a/x', '/g//x'], ['/g/a/b/x', '/g/a/xy', '/g/a/x/']],
    ['/g/**/x', ['/g/a/b/x'], ['/h/a/x']],
    ['/g/**', ['/g/', '/g/a/b'], ['/g', '/h/a']],
    ['/a?c', ['/abc'], ['/a/c', '/ac']],
    ['/[a-c]x', ['/bx'], ['/dx', '/[a-c]x']],
    ['/[!a]x', ['/bx'], ['/ax', '//x']],
    ['/{a,bc}/x', ['/a/x', '/bc/x'], ['/b/x', '/{a,bc}/x']],
    ['/\\*', ['/*'], ['/a']],
  ];
  for (const [pattern, yes, no] of rows) {
    const matches = compilePattern(pattern, '/');
    for (const text of yes) t.ok(matches(text), `${pattern} matches ${text}`);
    for (const text of no) t.notOk(matches(text), `${pattern} does not match ${text}`);
  }
  t.ok(compilePattern('2022*preview', null)('2022/11/preview'), 'without a separator a star stands for anything');
});

t.test('what is no pattern is refused', async (t) => {
  for (const bad of ['', '/[', '/{a', '/a}', '/{a,{b}}', 'a\\', '/[z-a]', 'x'.repeat(1025), '{a,b}'.repeat(9)])
    t.throws(() => compilePattern(bad, '/'), { message: /^invalid glob pattern/ }, bad.slice(0, 20));
});

t.test('stars do not multiply the work', async (t) => {
  const matches = compilePattern(`${'*a'.repeat(200)}b`, '/');
  t.notOk(matches('a'.repeat(16_000)), 'a search that tries every way would not end');
});
