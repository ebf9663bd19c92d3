/** What rules say about a command: for its parts, and for what is hidden in its script. */
import t from 'tap';
import { createRuleBook } from '../../../server/config/rules/rule-book.js';
import {
  allowances,
  hiddenRuling,
  isSystemShell,
  realFolder,
  stricterOf,
  type CommandToJudge,
} from '../../../server/sessions/approvals/judged-command.js';
import { plainScript } from '../../../server/sessions/shell/plain-script.js';
import { withLinks } from '../../fixtures/windows.js';

const rules = (text: string) => createRuleBook({ codexHome: t.testdir({ rules: { 'a.rules': text } }) }).latest();
const command = (script: string): CommandToJudge => ({
  itemId: 'item',
  argv: ['/bin/bash', '-lc', script],
  script,
  cwd: '/',
  tty: false,
  actions: [],
  escalate: false,
  lacksSandbox: false,
  justification: null,
  additional: null,
  prefixRule: null,
});

t.test('an allowance counts only for words and paths that are what they look like', async (t) => {
  const set = rules('prefix_rule(pattern=["ls"], decision="allow")\n');
  const decisions = (line: string) => {
    const script = plainScript(line);
    return allowances(set, command(line), script, script?.pipelines.flat() ?? []).map((one) => one?.decision ?? null);
  };
  t.strictSame(decisions('ls -l'), ['allow']);
  t.strictSame(decisions('ls && cat x'), ['allow', null]);
  t.strictSame(decisions('a/../ls'), [null]);
  t.strictSame(decisions('cd sub && bin/ls'), [null, null], 'another file after the move');
});

t.test('rules that forbid apply at any place; without such rules nothing is searched', async (t) => {
  const forbids = rules('prefix_rule(pattern=["curl"], decision="forbidden")\n');
  t.match(hiddenRuling(command('echo $(curl x)'), forbids), { judgement: { decision: 'forbidden' }, complete: true });
  t.match(hiddenRuling(command('echo curl'), forbids), { judgement: null });
  t.strictSame(hiddenRuling(command('curl x'), rules('prefix_rule(pattern=["curl"], decision="allow")\n')), {
    judgement: null,
    complete: true,
  });
});

t.test('in shells of Windows a rule counts for all names of a command', async (t) => {
  const forbids = rules('prefix_rule(pattern=["rm"], decision="forbidden")\n');
  for (const script of ['del x', 'echo a; Remove-Item x', 'rd x | cat']) {
    const own = { ...command(script), argv: ['powershell.exe', '-Command', script] };
    t.match(hiddenRuling(own, forbids), { judgement: { decision: 'forbidden' }, complete: true }, script);
    t.equal(hiddenRuling(command(script), forbids).judgement, null, 'elsewhere they are other programs');
  }
});

t.test('the stricter of two results', async (t) => {
  const set = rules(
    'prefix_rule(pattern=["a"], decision="allow")\nprefix_rule(pattern=["p"], decision="prompt")\nprefix_rule(pattern=["f"], decision="forbidden")\n',
  );
  const [a = null, p = null, f = null] = allowances(set, command('x'), null, [['a'], ['p'], ['f']]);
  t.strictSame(
    [stricterOf(a, null), stricterOf(null, p), stricterOf(a, p), stricterOf(p, f), stricterOf(f, a)],
    [a, p, p, f, f],
  );
});

t.test('shells of the system', async (t) => {
  t.strictSame(['bash', '/usr/bin/zsh', '/work/bash', undefined].map(isSystemShell), [true, true, false, false]);
});

t.test('folders without links', withLinks, async (t) => {
  const home = t.testdir({ real: {}, link: t.fixture('symlink', 'real') });
  t.equal(realFolder(`${home}/link`), realFolder(`${home}/real`));
  t.equal(realFolder('/does/not/exist'), '/does/not/exist');
});
