import t from 'tap';
import { claimsOf, planOf } from '../../../server/sessions/account/claims.js';

const token = (claims: object): string => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;

t.test('a token says who signed in', (t) => {
  const auth = { chatgpt_plan_type: 'team', chatgpt_user_id: 'u', chatgpt_account_id: 'a' };
  t.strictSame(claimsOf(token({ email: 'e', exp: 5, 'https://api.openai.com/auth': auth })), {
    email: 'e',
    plan: 'team',
    userId: 'u',
    accountId: 'a',
    expiresAt: 5000,
  });
  const profile = { 'https://api.openai.com/profile': { email: 'p' }, 'https://api.openai.com/auth': { user_id: 'v' } };
  t.match(claimsOf(token(profile)), { email: 'p', userId: 'v', plan: 'unknown', accountId: null, expiresAt: null });
  t.match(claimsOf(token({ email: 1, exp: 'x', 'https://api.openai.com/auth': [] })), { email: null, expiresAt: null });
  t.end();
});

t.test('what is no token says nothing', (t) => {
  for (const text of ['', 'abc', 'a.b', 'a.b.c', 'e30.bnVsbA.c', 'e30.W10.c']) t.equal(claimsOf(text), null, text);
  for (const plan of ['constructor', 'gold', 5, null]) t.equal(planOf(plan), 'unknown');
  t.equal(planOf('edu_pro'), 'edu_pro');
  t.end();
});
