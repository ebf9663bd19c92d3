import t from 'tap';
import type { Refused } from '../../../server/network-approval/decide/refuse.js';
import { denialOf } from '../../../server/network-approval/decide/denial-messages.js';

const refused: Refused = {
  allowed: false,
  target: { host: { kind: 'name', text: 'api.test' }, port: 8080 },
  reason: 'not_allowed',
  decision: 'deny',
  source: 'baseline_policy',
  rule: null,
  detail: null,
  sentence: null,
};

t.test('the text of a denial names the target and the reason (docs/protocol/network.md §4)', async (t) => {
  const rows: [changes: Partial<Refused>, message: string][] = [
    [{}, 'Network access to "api.test" was blocked: domain is not on the allowlist for the current sandbox mode.'],
    [
      { reason: 'denied' },
      'Network access to "api.test" was blocked: domain is explicitly denied by policy and cannot be approved from this prompt.',
    ],
    [
      { reason: 'not_allowed_local' },
      'Network access to "api.test" was blocked: local/private network addresses are blocked by the sandbox policy.',
    ],
    [
      { reason: 'method_not_allowed', source: 'mode_guard' },
      'Network access to "api.test" was blocked: request method is blocked by the current network mode.',
    ],
    [{ source: 'decider', decision: 'ask' }, 'Network access to "http://api.test:8080" was blocked by policy.'],
    [{ source: 'decider', sentence: 'rejected by user' }, 'rejected by user'],
  ];
  for (const [changes, message] of rows) t.equal(denialOf({ ...refused, ...changes }, 'http').message, message);
});

t.test('a denial has the members of the wire', async (t) => {
  t.strictSame(denialOf({ ...refused, rule: '*.test', reason: 'denied' }, 'socks5Tcp'), {
    host: 'api.test',
    port: 8080,
    protocol: 'socks5Tcp',
    reason: 'denied',
    rule: '*.test',
    source: 'baseline_policy',
    message:
      'Network access to "api.test" was blocked: domain is explicitly denied by policy and cannot be approved from this prompt.',
  });
});
