import t from 'tap';
import { readMatcher } from '../../../server/hooks/discover/matcher.js';

t.test('words and `*` are no patterns', (t) => {
  for (const text of ['', '*', 'Bash', 'Edit|Write', 'apply_patch']) t.same(readMatcher(text), { pattern: null }, text);
  t.end();
});

t.test('a pattern is a regular expression of the official program', (t) => {
  const matches = (text: string, name: string): boolean => {
    const read = readMatcher(text);
    return 'pattern' in read && read.pattern?.test(name) === true;
  };
  t.ok(matches('mcp__.*', 'mcp__a__b'));
  t.ok(matches('(?i)^bash$', 'Bash'));
  t.ok(matches('^(?:Bash|Edit)$', 'Edit'));
  t.ok(matches('^(?P<name>Bash)$', 'Bash'));
  t.notOk(matches('^Bash$', 'BashX'));
  t.end();
});

t.test('what the official program refuses is refused with the place', (t) => {
  const rows: readonly [text: string, marks: string, why: string][] = [
    ['[', '^', 'unclosed character class'],
    ['a[b', ' ^', 'unclosed character class'],
    ['(a', '^', 'unclosed group'],
    ['(((a)', ' ^', 'unclosed group'],
    ['x|*', '  ^', 'repetition operator missing expression'],
    ['a)', ' ^', 'unopened group'],
    ['+a', '^', 'repetition operator missing expression'],
    ['(?=x)', '^^^', 'look-around, including look-ahead and look-behind, is not supported'],
    ['(?<!x)', '^^^^', 'look-around, including look-ahead and look-behind, is not supported'],
    [String.raw`(a)\1`, '   ^^', 'backreferences are not supported'],
  ];
  for (const [text, marks, why] of rows)
    t.same(readMatcher(text), { why: `regex parse error:\n    ${text}\n    ${marks}\nerror: ${why}` }, text);
  t.match(readMatcher('\\Qa'), { why: /^regex parse error:/ }, 'other mistakes in the words of the engine');
  t.match(readMatcher(String.raw`[(?=]\[\(`), { pattern: RegExp }, 'in a class or escaped it is text');
  t.end();
});
