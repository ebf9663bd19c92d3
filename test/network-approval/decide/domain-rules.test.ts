import { isCode } from '../../../server/errors/codexd-error.js';
import fc from 'fast-check';
import t from 'tap';
import { policyError } from '../../../server/errors/network-errors.js';
import { parsePattern } from '../../../server/network-approval/decide/patterns.js';
import { compile, compileRules } from '../../../server/network-approval/decide/domain-rules.js';
import { parseAuthority, type Target } from '../../../server/network-approval/decide/targets.js';
import { policyOf } from '../support/policy.js';

function targetOf(text: string): Target {
  const target = parseAuthority(text, 80);
  if (target === null) throw new Error(`no target: ${text}`);
  return target;
}
const allows = (pattern: string, target: string): boolean =>
  compile(policyOf({ [pattern]: 'allow' })).match(targetOf(target)).allow !== null;
const denies = (pattern: string, target: string): boolean =>
  compile(policyOf({ [pattern]: 'deny' })).match(targetOf(target)).deny !== null;

t.test('the hosts that a pattern allows', async (t) => {
  const rows: [pattern: string, target: string, allowed: boolean, why: string][] = [
    ['a.test', 'a.test', true, ''],
    ['A.Test.', 'a.test', true, 'case and trailing dot, on the side of the rule'],
    ['a.test', 'x.a.test', false, 'exact is exact'],
    ['*.a.test', 'x.a.test', true, ''],
    ['*.a.test', 'x.y.a.test', true, 'any depth'],
    ['*.a.test', 'a.test', false, 'case 8: the apex is not below itself'],
    ['*.a.test', 'evila.test', false, "case 8: the dot in '*.a.test' is load-bearing"],
    ['*.a.test', 'a.test.evil.test', false, 'case 9: a suffix is a suffix'],
    ['**.a.test', 'a.test', true, 'apex'],
    ['**.a.test', 'x.y.a.test', true, 'any depth'],
    ['**.a.test', 'xa.test', false, ''],
    ['*', 'anything.test', true, ''],
    ['*', '8.8.8.8', true, 'everything means addresses too'],
    ['[*]', 'anything.test', true, 'another spelling of everything'],
    ['*.*', 'a.test', true, 'any dotted name'],
    ['*.*', 'localhost', false, 'no dot'],
    ['*.*', '8.8.8.8', false, 'case 11: an address is not a dotted name'],
    ['region*.a.test', 'region.a.test', true, ''],
    ['region*.a.test', 'region1.a.test', true, ''],
    ['region*.a.test', 'x.region1.a.test', false, ''],
    ['region*.a.test', 'xregion1.a.test', false, ''],
    ['region*.a.test', 'region1.x.a.test', false, 'a * inside a label stays inside it'],
    ['a.*', 'a.evil.test', false, 'and so does one that is a label'],
    ['ex?ct.test', 'exact.test', true, ''],
    ['ex?ct.test', 'exct.test', false, '? is one character'],
    ['127.0.0.1', '127.0.0.1', true, ''],
    ['127.0.0.1', '2130706433', true, 'judged in its canonical form'],
    ['127.1', '127.0.0.1', true, 'also on the side of the rule'],
    ['127.0.0.1', '127.0.0.2', false, ''],
    ['127.0.0.1', '[::ffff:127.0.0.1]', false, 'an allow means the address it names, in that family'],
    ['1*.0.0.1', '127.0.0.1', false, 'case 11: addresses have no labels'],
    ['[::1]', '[::1]:80', true, ''],
    ['::1', '[0:0::1]:80', true, ''],
    ['m\u00fcnchen.test', 'xn--mnchen-3ya.test', true, 'case 7: Unicode in a rule means its A-labels'],
    ['a.test:443', 'a.test:443', true, ''],
    ['a.test:443', 'a.test:22', false, 'case 14: the port of a rule is not dropped'],
    ['*.a.test:443', 'x.a.test:443', true, ''],
    ['*.a.test:443', 'x.a.test:80', false, ''],
    ['*:443', 'x.test:80', false, ''],
    ['[::1]:80', '[::1]:81', false, ''],
  ];
  for (const [pattern, target, allowed, why] of rows)
    t.equal(allows(pattern, target), allowed, `${pattern} ${target} ${why}`);
});

t.test('the hosts that a pattern denies but would not allow', async (t) => {
  const rows: [pattern: string, target: string, why: string][] = [
    ['a.*', 'a.evil.test', 'a deny with a wildcard is read broadly'],
    ['region*.a.test', 'region1.x.a.test', 'the same'],
    ['127.0.0.1', '[::ffff:127.0.0.1]', 'an IPv6 spelling is no way around it'],
    ['127.0.0.1', '[64:ff9b::127.0.0.1]', 'NAT64'],
    ['10.0.0.1', '[2002:a00:1::]', '6to4'],
  ];
  for (const [pattern, target, why] of rows) {
    t.ok(denies(pattern, target), `${pattern} ${target}: ${why}`);
    t.notOk(allows(pattern, target), `${pattern} does not allow ${target}`);
  }
});

t.test('case 10: deny wins over allow, for any breadth or order', async (t) => {
  for (const [deny, allow] of [
    ['a.test', '*'],
    ['a.test', 'a.test:80'],
    ['*.test', 'a.test'],
    ['**.a.test', 'a.test'],
    ['a*', 'a.test'],
    ['a.test:80', 'a.test'],
  ] as const) {
    for (const order of [true, false]) {
      const rules = order ? { [deny]: 'deny', [allow]: 'allow' } : { [allow]: 'allow', [deny]: 'deny' };
      const matched = compile(policyOf(rules as Record<string, 'allow' | 'deny'>)).match(targetOf('a.test'));
      t.match(matched, { deny: { pattern: deny } }, `${deny} over ${allow}`);
    }
  }
});

t.test('the named rule is the most specific one', async (t) => {
  const { match } = compile(
    policyOf({ '*': 'allow', '**.a.test': 'allow', '*.b.a.test': 'allow', 'x.b.a.test': 'allow' }),
  );
  t.match(match(targetOf('x.b.a.test')), { allow: { pattern: 'x.b.a.test' }, allowedByName: true });
  t.match(match(targetOf('y.b.a.test')), { allow: { pattern: '*.b.a.test' }, allowedByName: false });
  t.match(match(targetOf('y.a.test')), { allow: { pattern: '**.a.test' } });
  t.match(match(targetOf('y.test')), { allow: { pattern: '*' }, allowedByName: false });
});

t.test('under managed_allowed_domains_only other allow rules do not count, their deny rules do', async (t) => {
  const { match } = compile(
    policyOf(
      {},
      {
        managedAllowedDomainsOnly: true,
        domains: [
          { pattern: 'mine.test', verdict: 'allow', source: 'profile' },
          { pattern: 'theirs.test', verdict: 'allow', source: 'managed' },
          { pattern: 'never.test', verdict: 'deny', source: 'profile' },
        ],
      },
    ),
  );
  t.equal(match(targetOf('mine.test')).allow, null);
  t.match(match(targetOf('theirs.test')).allow, { source: 'managed' });
  t.match(match(targetOf('never.test')).deny, { source: 'profile' });
});

t.test('a pattern that matches nothing is an error with the text of the protocol', async (t) => {
  const rows: [pattern: string, problem: string][] = [
    ['', 'domain pattern is empty'],
    ['  ', 'domain pattern is empty'],
    ['*.', 'domain pattern is empty'],
    ['**.', 'domain pattern is empty'],
    ['**', 'unsupported repeated wildcard: **'],
    ['***', 'unsupported repeated wildcard: ***'],
    ['a.**.test', 'unsupported repeated wildcard: a.**.test'],
    ['[', 'brackets are only supported for IPv6 literals or [*]: ['],
    ['[a-z].test', 'brackets are only supported for IPv6 literals or [*]: [a-z].test'],
    ['http://ok.test', 'unsupported domain pattern syntax: http://ok.test'],
    ['foo/bar', 'unsupported domain pattern syntax: foo/bar'],
    ['10.0.0.0/8', 'unsupported domain pattern syntax: 10.0.0.0/8'],
    ['a b', 'unsupported domain pattern syntax: a b'],
    ['{a,b}.test', 'unsupported domain pattern syntax: {a,b}.test'],
    ['a\\b', 'unsupported domain pattern syntax: a\\b'],
    // The reference takes these and lets them match nothing, or more than they say: a deny that does nothing is worse.
    ['a..b', 'unsupported domain pattern syntax: a..b'],
    ['user@a.test', 'unsupported domain pattern syntax: user@a.test'],
    ['a.test:http', 'unsupported domain pattern syntax: a.test:http'],
    ['a.test:99999', 'unsupported domain pattern syntax: a.test:99999'],
    ['*.127.0.0.1', 'unsupported domain pattern syntax: *.127.0.0.1'],
    ['::1%lo', 'unsupported domain pattern syntax: ::1%lo'],
  ];
  for (const [pattern, problem] of rows) {
    const message = `failed to start managed network proxy: failed to build network proxy state: ${problem}`;
    t.throws(() => compile(policyOf({ [pattern]: 'allow' })), policyError(problem), JSON.stringify(pattern));
    t.equal(policyError(problem).message, message);
    t.throws(
      () => compile(policyOf({}, { reviewDomains: [pattern] })),
      { code: 'network.policy' },
      'review patterns are patterns',
    );
  }
});

t.test('commands with one policy share its compiled rules', async (t) => {
  const policy = policyOf({ 'a.test': 'allow' });
  t.equal(compileRules(policy), compileRules({ ...policy }));
  t.not(compileRules(policy), compileRules(policyOf({ 'a.test': 'allow' })));
});

t.test('ten thousand rules need a few look-ups', async (t) => {
  const domains = Object.fromEntries(
    Array.from(
      { length: 10_000 },
      (_, i) => [`${['', '*.', '**.'][i % 3]}h${i}.example${i % 7}.test`, 'allow'] as const,
    ),
  );
  const { match } = compile(policyOf(domains));
  let compared = 0;
  const target = targetOf('x.y.h9998.example2.test');
  const counted = {
    ...target,
    get port() {
      compared++; // read once for each rule that is looked at
      return target.port;
    },
  };
  t.match(match(counted).allow, { pattern: '**.h9998.example2.test' });
  t.ok(compared < 10, `rules looked at: ${compared}`);
});

const label = fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/);
const name = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));
const pattern = fc.tuple(fc.constantFrom('', '*.', '**.'), name).map((parts) => parts.join(''));

t.test('a wildcard matches neither its apex nor a name with only a similar end', async () => {
  fc.assert(
    fc.property(name, label, (base, more) => {
      const apex = allows(`*.${base}`, base);
      const glued = allows(`*.${base}`, `${more}${base}`);
      return !apex && !glued && allows(`*.${base}`, `${more}.${base}`) && allows(`**.${base}`, base);
    }),
  );
});

t.test('adding a deny never opens anything, adding an allow never removes a deny', async () => {
  fc.assert(
    fc.property(fc.array(pattern), pattern, fc.array(pattern), name, (allow, deny, more, host) => {
      const table = (extra: readonly string[]) => ({
        ...Object.fromEntries([...allow, ...extra].map((p) => [p, 'allow'] as const)),
        [deny]: 'deny' as const,
      });
      const before = compile(policyOf(table([]))).match(targetOf(host));
      const after = compile(policyOf(table(more))).match(targetOf(host));
      return (before.deny === null) === (after.deny === null);
    }),
  );
});

t.test('a deny covers at least the hosts that an allow with the same pattern covers', async () => {
  const globs = fc
    .tuple(fc.constantFrom('', '*.', '**.'), fc.stringMatching(/^[a-c*?]{1,3}(\.[a-c*?]{1,3}){0,2}$/))
    .map((p) => p.join(''));
  fc.assert(
    fc.property(globs, fc.stringMatching(/^[a-c]{1,3}(\.[a-c]{1,3}){0,3}$/), (written, host) => {
      if (written.includes('***') || (written.startsWith('*.') ? written.slice(2) : written).includes('**'))
        return true;
      return !allows(written, host) || denies(written, host);
    }),
  );
});

t.test('any text makes the pattern parser fail only with `network.policy`', async () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z*?.:[\]]{0,12}$/)), (text) => {
      try {
        parsePattern(text);
        return true;
      } catch (error) {
        return isCode(error, 'network.policy');
      }
    }),
    { numRuns: 3000 },
  );
});
