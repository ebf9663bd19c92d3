import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { matchCommand } from '../../../server/config/rules/match-command.js';
import { createRuleBook, type RuleBook } from '../../../server/config/rules/rule-book.js';
import { ruleWarnings } from '../../../server/config/settings/rule-warnings.js';
import { until } from '../../fixtures/until.js';
import { isForUserAlone } from '../../fixtures/for-user-alone.js';

function home(t: Test, files: Readonly<Record<string, string>> = {}): string {
  const codexHome = t.testdir({ home: { rules: { ...files } } });
  return path.join(codexHome, 'home');
}
const patterns = (book: RuleBook): string[] => book.current().networkRules.map(({ pattern }) => pattern);

t.test('lines are those of the reference; files are 0600; an existing line is not added again', async (t) => {
  const codexHome = t.testdir({});
  const file = path.join(codexHome, 'rules', 'default.rules');
  const book = createRuleBook({ codexHome });
  t.equal(book.current().revision, '', 'no folder, no rules');
  await book.appendNetworkRule('api.test', 'http', 'allow');
  await book.appendNetworkRule('api.test', 'https', 'deny');
  await book.appendNetworkRule('api.test', 'socks5Tcp', 'allow');
  await book.appendPrefixRule(['git', 'commit -m "x"']);
  await book.appendNetworkRule('api.test', 'http', 'allow');
  await t.rejects(book.appendPrefixRule([]), /every command/);
  t.equal(
    fs.readFileSync(file, 'utf8'),
    [
      'network_rule(host="api.test", protocol="http", decision="allow", justification="Allow http access to api.test")',
      'network_rule(host="api.test", protocol="https", decision="deny", justification="Deny https_connect access to api.test")',
      'network_rule(host="api.test", protocol="socks5_tcp", decision="allow", justification="Allow socks5_tcp access to api.test")',
      'prefix_rule(pattern=["git", "commit -m \\"x\\""], decision="allow")',
      '',
    ].join('\n'),
  );
  t.ok(await isForUserAlone(file));
  t.equal(book.current().networkRules.length, 3, 'counts at once');
  t.equal(book.forNetwork().networkRules.length, 3);
  t.equal(
    matchCommand(book.current(), ['git', 'commit -m "x"', 'y'], '/')?.decision,
    'allow',
    'what is written is read',
  );
  t.strictSame(fs.readdirSync(path.dirname(file)), ['default.rules'], 'nothing is left over');
});

t.test('a file without a line break at its end keeps its last rule', async (t) => {
  const codexHome = home(t, { 'default.rules': '# mine\nprefix_rule(pattern=["ls"])' });
  const book = createRuleBook({ codexHome });
  await book.appendNetworkRule('::1', 'http', 'deny');
  t.match(
    fs.readFileSync(path.join(codexHome, 'rules/default.rules'), 'utf8'),
    /^# mine\nprefix_rule\(.*\)\nnetwork_rule\(host="::1".*\n$/,
  );
  t.strictSame(patterns(book), ['::1']);
  t.strictSame(book.current().problems, []);
});

t.test('every *.rules file counts, including changes of other programs', async (t) => {
  const deny = (host: string): string => `network_rule(host="${host}", protocol="http", decision="deny")\n`;
  const codexHome = home(t, { 'b.rules': deny('b.test'), 'a.rules': deny('a.test'), 'c.txt': deny('c.test') });
  const book = createRuleBook({ codexHome });
  const before = book.current();
  t.strictSame(patterns(book), ['a.test', 'b.test']);
  t.equal(book.current(), before, 'the same object while nothing changes');
  fs.writeFileSync(path.join(codexHome, 'rules/b.rules'), deny('bb.test'));
  await until(() => patterns(book).includes('bb.test'), 'what others write is seen');
  t.not(book.current().revision, before.revision);
  fs.rmSync(path.join(codexHome, 'rules/a.rules'));
  await until(() => !patterns(book).includes('a.test'), 'what others delete is gone');
  t.strictSame(patterns(book), ['bb.test']);
});

t.test('a command is judged by the current files', async (t) => {
  const codexHome = t.testdir({ rules: {} });
  const book = createRuleBook({ codexHome });
  t.same(book.latest().prefixRules, []);
  fs.writeFileSync(path.join(codexHome, 'rules', 'a.rules'), 'prefix_rule(pattern=["rm"], decision="forbidden")\n');
  t.equal(matchCommand(book.latest(), ['rm', 'x'], '/')?.decision, 'forbidden');
});

t.test('two daemons on one home lose no rules', async (t) => {
  const codexHome = t.testdir({});
  const [one, two] = [createRuleBook({ codexHome }), createRuleBook({ codexHome })];
  await Promise.all(
    Array.from({ length: 40 }, (_, n) => (n % 2 ? two : one).appendNetworkRule(`h${n}.test`, 'http', 'allow')),
  );
  const lines = fs.readFileSync(path.join(codexHome, 'rules/default.rules'), 'utf8').trimEnd().split('\n');
  t.equal(new Set(lines).size, 40);
  t.strictSame(createRuleBook({ codexHome }).current().problems, []);
});

t.test('an unreadable file may deny anything', async (t) => {
  const codexHome = home(t, { 'default.rules': 'prefix_rule(pattern=["ls"])\n' });
  fs.mkdirSync(path.join(codexHome, 'rules/folder.rules'));
  const { networkClosed, commandsClosed, prefixRules } = createRuleBook({ codexHome }).current();
  t.match(networkClosed, { path: path.join(codexHome, 'rules/folder.rules'), reason: /Is a directory/ });
  t.ok(commandsClosed);
  t.equal(prefixRules.length, 1, 'the file beside it counts');
  fs.rmdirSync(path.join(codexHome, 'rules/folder.rules'));
  fs.symlinkSync('/nowhere', path.join(codexHome, 'rules/link.rules'));
  t.ok(createRuleBook({ codexHome }).current().networkClosed, 'a link that leads nowhere');
});

t.test('a denial that cannot be written still counts, an allowance does not', async (t) => {
  const codexHome = t.testdir({ rules: 'a file where the folder should be' });
  const book = createRuleBook({ codexHome });
  await t.rejects(book.appendNetworkRule('a.test', 'http', 'allow'));
  await t.rejects(book.appendNetworkRule('b.test', 'http', 'deny'));
  t.strictSame(patterns(book), ['b.test']);
});

t.test('clients receive the wrong line, the reason and the consequence', async (t) => {
  const codexHome = home(t, {
    'default.rules': '\nnetwork_rule(host="*.x.test", protocol="http", decision="allow")\n',
  });
  const file = path.join(codexHome, 'rules/default.rules');
  t.strictSame(ruleWarnings(createRuleBook({ codexHome }).current()), [
    {
      summary: 'Error parsing rules; one rule is not applied.',
      details: `${file}:2: network_rule host must be a specific host; wildcards are not allowed (this rule has no effect)`,
      path: file,
      range: { start: { line: 2, column: 1 }, end: { line: 2, column: 1 } },
    },
  ]);
});
