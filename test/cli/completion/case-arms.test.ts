/** The shared arms, in bash itself; completion.test.ts tries them in whole scripts. */
import t from 'tap';
import { caseArms, quote } from '../../../server/cli/completion/case-arms.js';
import type { CommandModel } from '../../../server/cli/completion/command-model.js';
import { runToEnd } from '../../fixtures/programs.js';

const ODD = "it's a 'word' $(exit 1) `x` | ; * \\";
const models: readonly CommandModel[] = [
  {
    path: 'codexd',
    options: [
      { names: ['-m', '--model'], about: '', value: [ODD, 'other'] },
      { names: ['--flag'], about: '', value: null },
    ],
    subcommands: [{ names: ['exec', 'e', ODD], about: '', path: 'codexd exec' }],
    words: null,
  },
];

t.test('each word and option has its arm, whatever characters are in it', async (t) => {
  const arms = caseArms(models, (kind) => (typeof kind === 'string' ? kind : `echo ${kind.map(quote).join(' ')}`));
  const script = `try() {
    command=none; skip=
    case "$1" in
${arms.words}
${arms.skipped}
    esac
    case "$1" in
${arms.values}
    esac
    echo "$command,$skip"
  }
  for word; do try "$word"; done`;
  const given = ['codexd,exec', 'codexd,e', `codexd,${ODD}`, 'codexd,-m', 'codexd,--flag', 'codexd exec,e'];
  const { stdout, stderr } = runToEnd('bash', ['--norc', '-c', script, 'bash', ...given]);
  t.equal(stderr, '');
  t.strictSame(stdout.trimEnd().split('\n'), [
    ...['codexd exec,', 'codexd exec,', 'codexd exec,'],
    `${ODD} other`,
    ...['none,', 'none,'],
  ]);
});
