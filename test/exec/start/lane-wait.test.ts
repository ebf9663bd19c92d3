import t from 'tap';
import { registerInTime } from '../../../server/exec/start/lane-wait.js';
import type { Registration } from '../../../server/network-approval/registration/registration.js';
import { elapse } from '../../fixtures/until.js';

const NEVER = new AbortController().signal;
const registration = { id: 'r' } as Registration;
/** Waits for a lane until `giveUp` aborts. */
const waits = (giveUp: AbortSignal): Promise<Registration> =>
  new Promise((_, reject) => {
    if (giveUp.aborted) return reject(giveUp.reason);
    giveUp.addEventListener('abort', () => reject(giveUp.reason));
  });

t.test('the wait counts: the remaining time is shorter', async (t) => {
  const slow = async () => {
    await elapse(60, 'the wait that counts');
    return registration;
  };
  const registered = await registerInTime({ timeoutMs: 10_000, gone: NEVER }, slow);
  if (registered === 'timeout') return t.fail('it had time');
  t.equal(registered.registration, registration);
  t.ok((registered.timeoutMs ?? 0) <= 9950, `${registered.timeoutMs}`);
});

t.test('it ends with the time limit', async (t) => {
  t.equal(await registerInTime({ timeoutMs: 20, gone: NEVER }, waits), 'timeout');
});

t.test('it ends when the command’s owner ends', async (t) => {
  const gone = new AbortController();
  setTimeout(() => gone.abort(), 10);
  await t.rejects(registerInTime({ timeoutMs: null, gone: gone.signal }, waits), /nobody waits for it/);
  await t.rejects(registerInTime({ timeoutMs: null, gone: gone.signal }, waits), /nobody waits for it/, 'or before');
});

t.test('other errors are passed on', async (t) => {
  const fails = async () => {
    throw new Error('no lane');
  };
  await t.rejects(registerInTime({ timeoutMs: 1000, gone: NEVER }, fails), { message: 'no lane' });
});
