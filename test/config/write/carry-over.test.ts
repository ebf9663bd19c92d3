import t from 'tap';
import { carryOver } from '../../../server/config/write/carry-over.js';

void t.test('a change to the old text is made in the new one', (t) => {
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
  for (const [edited, current, result, why] of rows) t.equal(carryOver(old, edited, current), result, why);
  t.end();
});
