import t from 'tap';
import { limitsIn } from '../../../server/sessions/account/rate-limits.js';

t.test('headers of an answer say the limits', (t) => {
  t.strictSame(limitsIn({ 'content-type': 'text/event-stream' }), []);
  const [codex, other, ...rest] = limitsIn({
    'x-other-limit-primary-used-percent': '99.4',
    'x-other-limit-limit-name': 'Other',
    'x-codex-primary-used-percent': '12.5',
    'x-codex-primary-window-minutes': '300',
    'x-codex-primary-reset-at': '1900000000',
    'x-codex-secondary-used-percent': 'nonsense',
    'x-codex-credits-has-credits': 'true',
    'x-codex-credits-unlimited': 'False',
    'x-codex-credits-balance': '9.99',
    'x-codex-rate-limit-reached-type': 'rate_limit_reached',
  });
  t.strictSame(codex, {
    limitId: 'codex',
    limitName: null,
    normalModelSlug: null,
    primary: { usedPercent: 13, windowDurationMins: 300, resetsAt: 1900000000 },
    secondary: null,
    credits: { hasCredits: true, unlimited: false, balance: '9.99' },
    individualLimit: null,
    spendControlReached: null,
    planType: null,
    rateLimitReachedType: 'rate_limit_reached',
  });
  t.match(other, { limitId: 'other_limit', limitName: 'Other', primary: { usedPercent: 99 }, credits: null });
  t.strictSame(rest, []);
  t.end();
});

t.test('values that are no numbers of the protocol are left out', (t) => {
  const [limit] = limitsIn({
    'x-codex-primary-used-percent': '1e300',
    'x-codex-primary-window-minutes': '1e300',
    'x-codex-primary-reset-at': 'Infinity',
    'x-codex-credits-has-credits': 'maybe',
  });
  t.match(limit, { primary: { usedPercent: 2 ** 31 - 1, windowDurationMins: null, resetsAt: null }, credits: null });
  const many = Object.fromEntries(Array.from({ length: 99 }, (_, n) => [`x-l${n}-primary-used-percent`, '1']));
  t.equal(limitsIn(many).length, 16);
  t.end();
});
