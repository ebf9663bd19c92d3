import t from 'tap';
import { judge, wantedChange, writeChange, type PolicyAnswer } from '../../../clients/console/state/policy.js';
import { fakeServer } from './fake-server.js';

const QUESTION = { host: 'a.test', port: 443, protocol: 'https' } as const;
const NONE = { edits: [], text: '', file: '', scope: '', obstacle: null };
const EDIT = { keyPath: 'permissions.dev.network.domains."a.test:443"', value: 'allow' };
const ALLOW = { ...NONE, edits: [EDIT], text: 'the rule', file: '/h/config.toml' };
const DENY = { ...ALLOW, text: 'the denial' };

const answerOf = (verdict: PolicyAnswer['verdict']): PolicyAnswer => ({
  verdict,
  reason: null,
  rule: null,
  source: 'baseline_policy',
  origin: null,
  explanation: '',
  ruleText: { allow: '', deny: '' },
  changes: { allow: ALLOW, deny: DENY },
});

function scene(loaded: readonly string[] = []) {
  const fake = fakeServer();
  const layers = [
    { name: { type: 'system', file: '/etc' }, version: 'of the system' },
    { name: { type: 'user', file: '/h', profile: null }, version: 'v1' },
  ];
  fake.answer('config/read', { config: {}, origins: {}, layers });
  fake.answer('thread/loaded/list', ({ cursor }: { cursor: string | null }) =>
    cursor === null ? { data: [], nextCursor: 'next' } : { data: loaded, nextCursor: null },
  );
  fake.answer('network/policy/test', answerOf('deny'));
  fake.answer('config/batchWrite', { status: 'ok', version: 'v2', filePath: '/h', overriddenMetadata: null });
  return fake;
}

t.test('a rule is written for the version of the file for which its text was made', async (t) => {
  const fake = scene();
  const judged = await judge(fake.server, QUESTION);
  t.strictSame(
    fake.requests.map(({ method }) => method),
    ['config/read', 'network/policy/test'],
    'an edit between the two makes the version too old, and never the text',
  );
  t.equal(await writeChange(fake.server, judged.answer.changes.allow, judged.version), null);
  t.strictSame(fake.requests.at(-1)?.params, {
    edits: [{ ...EDIT, mergeStrategy: 'replace' }],
    expectedVersion: 'v1',
    reloadUserConfig: true,
  });
  fake.answer('config/batchWrite', { overriddenMetadata: { message: 'Overridden by session flags' } });
  t.equal(await writeChange(fake.server, ALLOW, 'v1'), 'Overridden by session flags');
});

t.test('a thread that is not loaded has no policy of its own any more', async (t) => {
  const gone = scene();
  t.match(await judge(gone.server, { ...QUESTION, threadId: 't' }), { threadGone: true });
  t.match(gone.requests.at(-1)?.params, { threadId: null });
  const here = scene(['t']);
  t.match(await judge(here.server, { ...QUESTION, threadId: 't' }), { threadGone: false });
  t.match(here.requests.at(-1)?.params, { threadId: 't' });
});

t.test('the wanted change is the opposite of what was decided', async (t) => {
  const wanted = (verdict: PolicyAnswer['verdict'], decision: Parameters<typeof wantedChange>[1]) =>
    wantedChange({ answer: answerOf(verdict), version: null, threadGone: false }, decision);
  const refused = { verdict: 'deny', reason: 'denied' } as const;
  t.strictSame(wanted('deny', refused), { to: 'allow', change: ALLOW });
  t.equal(wanted('allow', refused), null, 'it is allowed by now');
  t.strictSame(
    wanted('allow', { verdict: 'deny', reason: 'not_allowed_local' }),
    { to: 'allow', change: ALLOW },
    'a name of this network needs a rule with its own name',
  );
  t.strictSame(wanted('allow', { verdict: 'allow', reason: null }), { to: 'deny', change: DENY });
  t.strictSame(wanted('ask', null), { to: 'allow', change: ALLOW });
  t.strictSame(wanted('allow', null), { to: 'deny', change: DENY });
});
