import t from 'tap';
import { createSessionMemory } from '../../server/network-approval/registration/session-memory.js';
import { allowForSession } from '../../server/operator/allow-for-session.js';

const PARAMS = { threadId: 't', host: 'A.test.', port: 443, protocol: 'https' } as const;
const TARGET = { protocol: 'https', host: 'a.test', port: 443 } as const;

const scene = (verdict: 'allow' | 'ask' | 'deny') => {
  const memory = createSessionMemory();
  return {
    memory,
    allowance: { test: () => Promise.resolve({ verdict, explanation: 'because' }), memoryOf: () => memory },
  };
};

t.test('where a person would be asked, the approval is remembered as their answer would be', async (t) => {
  const { memory, allowance } = scene('ask');
  await allowForSession(PARAMS, allowance);
  t.ok(memory.approved(TARGET));
  t.notOk(memory.approved({ ...TARGET, port: 80 }));
  t.notOk(memory.approved({ ...TARGET, protocol: 'http' }));
});

t.test('where the policy decides alone, nothing is remembered', async (t) => {
  const { memory, allowance } = scene('deny');
  await t.rejects(allowForSession(PARAMS, allowance), { message: /would not allow it: because/ });
  t.notOk(memory.approved(TARGET));
  const allowed = scene('allow');
  await allowForSession(PARAMS, allowed.allowance);
  t.notOk(allowed.memory.approved(TARGET), 'it is allowed already');
});
