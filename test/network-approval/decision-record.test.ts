/** What the log of decisions keeps of each request. */
import t from 'tap';
import { policyOf } from './support/policy.js';
import { portsOf, register, startService } from './support/service.js';
import { converse, startUpstream } from './support/wire.js';

const get = (url: string): string => `GET ${url} HTTP/1.1\r\nConnection: close\r\n\r\n`;
t.test('the decision log records the owner and the outcome of each request', async (t) => {
  const upstream = await startUpstream();
  t.teardown(() => upstream.close());
  const { service, decisions } = startService(t);
  const owner = { kind: 'thread', threadId: 't1', turnId: 'u1', itemId: 'i1' } as const;
  const policy = policyOf({ '**.ok.test': 'allow', '10.0.0.1': 'deny' });
  const registration = await register(service, { owner, policy });
  const { http } = portsOf(registration);
  for (const url of ['http://x.ok.test/', 'http://10.0.0.1/', 'http://api.test/', 'http://unknown.ok.test/']) {
    await converse(http, get(url));
  }
  registration.finish({ treeGone: true });
  const common = {
    registrationId: registration.id,
    owner,
    policyRevision: policy.revision,
    protocol: 'http',
    method: 'GET',
  };
  t.match(decisions.list(), [
    {
      ...common,
      verdict: 'deny',
      reason: 'not_allowed_local',
      rule: null,
      detail: '127.0.0.1 is loopback',
      address: null,
    },
    { ...common, verdict: 'deny', reason: 'denied', rule: '10.0.0.1' },
    { ...common, verdict: 'deny', reason: 'not_allowed', rule: null, source: 'baseline_policy' },
    { ...common, verdict: 'deny', reason: 'not_allowed_local', detail: 'lookup failed: ENOTFOUND' },
  ]);
  t.ok(decisions.list().every(({ latencyMs }) => latencyMs >= 0));
});
