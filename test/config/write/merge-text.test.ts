import t from 'tap';
import { mergeTextChange, commentsAround } from '../../../server/config/write/merge-text.js';

void t.test('a change of the old text is applied to the new one', (t) => {
  const old = '# top\nmodel = "x"\n\n[a]\none = 1\ntwo = 2 # note\n\n[b]\nthree = 3\n';
  const daemon = old.replace('"x"', '"y"');
  const both = daemon.replace('three = 3', 'three = 3\nfour = 4');
  const rows: readonly [edited: string, current: string, result: string | null, why: string][] = [
    [`${old}# end\n`, daemon, `${daemon}# end\n`, 'a line at the end'],
    [`# new\n${old}`, daemon, `# new\n${daemon}`, 'a line at the top'],
    [old.replace('two = 2', 'two = 22'), daemon, daemon.replace('two = 2', 'two = 22'), 'a value behind the change'],
    [old.replace('# note', '# another'), both, both.replace('# note', '# another'), 'a value between two changes'],
    [old.replace('"x"', '"z"'), daemon, null, 'what both changed is nobody’s to decide'],
    [old, daemon, daemon, 'nothing'],
  ];
  for (const [edited, current, result, why] of rows) t.equal(mergeTextChange(old, edited, current), result, why);
  t.end();
});

void t.test('comments around a text are distinguished from other text', (t) => {
  const old = 'a = 1\n';
  t.same(commentsAround(old, `# x\n\n${old}  # y\n`), { above: '# x\n\n', below: '  # y\n' });
  t.same(commentsAround(old, old), { above: '', below: '' });
  for (const current of [`b = 2\n${old}`, `${old}[t]\n`, 'a = 2\n', '', `${old}# half a line`]) {
    t.equal(commentsAround(old, current), null, JSON.stringify(current));
  }
  t.equal(commentsAround('a = 1', 'a = 1 # c\n'), null, 'a text without its last line end may go on on the same line');
  t.end();
});
