import fc from 'fast-check';
import t from 'tap';
import { paths } from '../../../server/system/files/paths.js';
import { local, withDrives } from '../../fixtures/local-paths.js';
import { interpretRules } from '../../../server/config/rules/interpret.js';
import { matchCommand, strictest } from '../../../server/config/rules/match-command.js';
import { ruleHost } from '../../../server/config/rules/network-host.js';
import { shellWords } from '../../../server/config/rules/split-shell-words.js';
import type { RuleSet } from '../../../server/config/rules/rule-set.js';
import { parsePattern } from '../../../server/network-approval/decide/patterns.js';

const read = (text: string): RuleSet => ({ ...interpretRules(withDrives(text), 'x.rules'), revision: 'r' });
const absolute = (word: string): string => (word.startsWith('/') ? local(word) : word);

t.test('a file in the full syntax', async (t) => {
  const rules = read(`\uFEFF# comment
SAFE = ["status", "log"]   # a name for a value
prefix_rule(
    pattern = ["git", ["push", "fetch"] + SAFE],
    decision = "prompt",
    justification = 'why "x" \\x41\\u00e9\\n',
    match = [["git", "push"], "git fetch 'a b'"],
    not_match = ["git commit",],
)
prefix_rule(["ls"]); prefix_rule(pattern=[r"a\\b"], decision="for" + "bidden")
network_rule(host="API.test.", protocol="http-connect", decision="allow")
network_rule("[::1]:8080", "socks5_tcp", "forbidden", """two
lines""")
host_executable(name="git", paths=["/usr/bin/git"])
"a text by itself"`);
  t.strictSame(rules.problems, []);
  t.strictSame(
    rules.prefixRules.map(({ line, pattern, decision, justification }) => ({ line, pattern, decision, justification })),
    [
      {
        line: 3,
        pattern: [['git'], ['push', 'fetch', 'status', 'log']],
        decision: 'prompt',
        justification: 'why "x" Aé\n',
      },
      { line: 10, pattern: [['ls']], decision: 'allow', justification: null },
      { line: 10, pattern: [['a\\b']], decision: 'forbidden', justification: null },
    ],
  );
  t.match(rules.networkRules, [
    { line: 11, pattern: 'api.test', protocol: 'https', decision: 'allow' },
    { line: 12, pattern: '[::1]:8080', protocol: null, decision: 'deny', justification: 'two\nlines' },
  ]);
  t.strictSame([...(rules.executables.get('git') ?? [])], [paths.key(local('/usr/bin/git'))]);
});

const NEIGHBOURS = (bad: string): string => `network_rule(host="before.test", protocol="http", decision="deny")
${bad}
network_rule(host="after.test", protocol="http", decision="deny")
prefix_rule(pattern=["rm"], decision="forbidden")`;

t.test('one wrong rule affects no other rule; a wrong denial is enforced as far as it is understood', async (t) => {
  const rows: [bad: string, consequence: 'skipped' | 'enforced' | 'closed', reason: RegExp, denied?: string][] = [
    ['network_rule(host="*.x.test", protocol="http", decision="allow")', 'skipped', /wildcards are not allowed/],
    ['network_rule(host="*.x.test", protocol="http", decision="deny")', 'enforced', /wildcards/, '*.x.test'],
    ['network_rule(host="http://x.test/a", protocol="http", decision="deny")', 'enforced', /scheme/, 'x.test'],
    ['network_rule(host="x.test", protocol="ftp", decision="deny")', 'enforced', /must be one of/, 'x.test'],
    ['network_rule(host="x.test", protocol="ftp", decision="allow")', 'skipped', /must be one of/],
    ['network_rule(host="x.test", protocol="http", decision="dney")', 'enforced', /invalid decision: dney/, 'x.test'],
    ['network_rule(host="x.test", protocol="http")', 'enforced', /decision is missing/, 'x.test'],
    ['network_rule(host="x.test:99999", protocol="http", decision="allow")', 'skipped', /hostname/],
    ['network_rule(host="", protocol="http", decision="deny")', 'closed', /cannot be empty/],
    ['network_rule(protocol="http", decision="deny")', 'closed', /needs a host/],
    ['network_rule(host="x.test", protocol="http", decision="allow", justification="")', 'skipped', /justification/],
    ['network_rule(host="x.test", prtocol="http", decision="allow")', 'skipped', /knows no "prtocol"/],
    ['network_rule(host="x.test", protocol="http", decision="deny"', 'enforced', /expected/, 'x.test'],
    ['network_rule(host="x.test', 'closed', /no end/],
    ['network_rule(host="x.test", protocol="http", decision="allow"', 'skipped', /expected/],
    ['prefix_rule(pattern=["ls"]', 'skipped', /expected/],
    ['prefix_rule(pattern=["a#b"], decision="forbidden"', 'closed', /expected/],
    ['prefix_rule(pattern=["ls"\n# denials: deny and forbidden follow', 'skipped', /expected/],
    ['prefix_rule(pattern=[], decision="allow")', 'skipped', /cannot be empty/],
    ['prefix_rule(pattern=["ls", []])', 'skipped', /alternatives cannot be empty/],
    ['prefix_rule(pattern=["ls", 1])', 'skipped', /a value is expected/],
    ['prefix_rule(pattern=["ls"], decision="deny")', 'enforced', /invalid decision: deny/],
    ['prefix_rule(pattern=["ls"], match=["rm x"])', 'skipped', /does not match its example/],
    ['prefix_rule(pattern=["ls"], not_match=["ls x"], decision="forbidden")', 'enforced', /matches its example/],
    ['prefix_rule(pattern=["ls"], match=["ls \'x"])', 'skipped', /no command/],
    ['prefix_rule(pattern="ls", decision="forbidden")', 'closed', /no list/],
    ['prefix_rule(pattern=UNKNOWN, decision="forbidden")', 'closed', /has no value/],
    ['[prefix_rule(pattern=[c], decision="forbidden") for c in ["ls"]]', 'closed', /a rule or a name/],
    ['frobnicate(1)', 'skipped', /value is expected/],
    ['host_executable(name="cat", paths=["cat"])', 'skipped', /absolute/],
    ['load("x", "y")', 'skipped', /no rule/],
    ['prefix_rule(pattern=["ls"], decision="prompt") trailing', 'skipped', /end of the line/],
  ];
  for (const [bad, consequence, reason, denied] of rows) {
    const rules = read(NEIGHBOURS(bad));
    t.equal(rules.problems.length, 1, bad);
    t.match(rules.problems[0], { consequence, reason, line: 2, path: 'x.rules' }, bad);
    const hosts = rules.networkRules.filter(({ decision }) => decision === 'deny').map(({ pattern }) => pattern);
    t.strictSame(hosts, ['before.test', ...(denied === undefined ? [] : [denied]), 'after.test'], bad);
    t.equal(matchCommand(rules, ['rm', 'x'], '/')?.decision, 'forbidden', bad);
    t.equal(rules.networkClosed !== null || rules.commandsClosed !== null, consequence === 'closed', bad);
  }
});

t.test('bytes after a valid rule do not change that rule', async (t) => {
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom(
      'prefix_rule(',
      'network_rule(host="',
      'x = [',
      '"""',
      "'",
      ')',
      ']',
      '\\',
      '#',
      'prefix_rule(pattern=[',
    ),
  );
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
        const before = lines.join('\n');
        const rules = read(`network_rule(host="first.test", protocol="http", decision="deny")\n${before}`);
        return rules.networkRules[0]?.pattern === 'first.test';
      }),
      { numRuns: 2000 },
    ),
  );
});

t.test('an accepted host is a pattern that compiles, and matches only that host', async (t) => {
  const part = fc.constantFrom(
    'a',
    'xn--',
    '*',
    '.',
    ':',
    '[',
    ']',
    '1',
    '0x7f',
    '-',
    '_',
    'é',
    '%',
    '@',
    '/',
    ' ',
    '443',
  );
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const { pattern, reason } = ruleHost(parts.join(''));
        if (pattern === null || reason !== null) return true;
        return parsePattern(pattern).kind === 'exact';
      }),
      { numRuns: 5000 },
    ),
  );
});

t.test('the strictest matching rule decides', async (t) => {
  const rules = read(`prefix_rule(pattern=["git"])
prefix_rule(pattern=["git", "push"], decision="prompt", justification="a remote changes")
prefix_rule(pattern=["git", ["push", "reset"], "--force"], decision="forbidden")
prefix_rule(pattern=["cat"])
host_executable(name="cat", paths=["/bin/cat"])
prefix_rule(pattern=["/opt/tool"])`);
  const rows: [argv: string[], decision: string | null, why: string][] = [
    [['git', 'status'], 'allow', 'the program alone'],
    [['git', 'push', 'origin'], 'prompt', 'stricter than the allowance'],
    [['git', 'push', '--force'], 'forbidden', 'strictest'],
    [['git', 'reset', '--force'], 'forbidden', 'an alternative'],
    [['git', 'pushy'], 'allow', 'words are whole'],
    [['gitk'], null, 'words are whole'],
    [['/usr/bin/git', 'push', '--force'], 'forbidden', 'a path is no way around a denial'],
    [['./git', 'status'], null, 'a file that is called git is not git'],
    [['/usr/bin/git', 'status'], null, 'an allowance needs host_executable'],
    [['/bin/cat', 'x'], 'allow', 'listed'],
    [['/usr/bin/cat', 'x'], null, 'not listed'],
    [['../opt/tool'], 'allow', 'a path in another spelling'],
    [[], null, 'nothing'],
  ];
  for (const [argv, decision, why] of rows)
    t.equal(matchCommand(rules, argv.map(absolute), local('/work'))?.decision ?? null, decision, why);
  t.equal(matchCommand(rules, ['git', 'push', 'x'], '/')?.rule.justification, 'a remote changes');

  const judge = (...scripts: string[][]) => strictest(scripts.map((argv) => matchCommand(rules, argv, '/')))?.decision;
  t.equal(judge(['git', 'status'], ['cat', 'x']), 'allow', 'all are allowed');
  t.equal(judge(['git', 'status'], ['make']), undefined, 'an allowance covers all of a script or nothing');
  t.equal(judge(['make'], ['git', 'push', '--force']), 'forbidden');
  t.equal(judge(), undefined);
});

t.test('while a rule that may forbid anything is not understood, nothing is allowed without a question', async (t) => {
  const rules = read('prefix_rule(pattern=["ls"])\nprefix_rule(pattern=WHAT, decision="forbidden")');
  t.equal(matchCommand(rules, ['ls'], '/')?.decision, 'prompt');
});

t.test('the words of a command line', async (t) => {
  const rows: [line: string, words: readonly string[] | null][] = [
    [`a  b\tc`, ['a', 'b', 'c']],
    [`'a b'c "d\\"e" "" f\\ g`, ['a bc', 'd"e', '', 'f g']],
    [`"a\\n"`, ['a\\n']],
    [`'a`, null],
    [`"a`, null],
    [`a\\`, null],
    ['', []],
  ];
  for (const [line, words] of rows) t.strictSame(shellWords(line), words, line);
});
