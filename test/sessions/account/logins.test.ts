import t from 'tap';
import { createLogins } from '../../../server/sessions/account/logins.js';

/** Waits until its signal aborts. */
const waiting = async (gone: AbortSignal) => ({
  done: new Promise<void>((_resolve, reject) => gone.addEventListener('abort', () => reject(gone.reason))),
});

t.test('one login at a time waits, and each ends once', async (t) => {
  const logins = createLogins();
  const ends: [string, string | null][] = [];
  const onEnd = (id: string, error: unknown): void =>
    void ends.push([id, error instanceof Error ? error.message : null]);
  const [first, second] = await Promise.all([logins.begin(waiting, onEnd), logins.begin(waiting, onEnd)]);
  t.strictSame(ends, [[first.id, 'Login cancelled']]);
  t.notOk(logins.cancel(first.id));
  t.ok(logins.isWaiting());
  t.ok(logins.cancel(second.id));
  t.notOk(logins.cancel(second.id));
  await t.rejects(second.login.done);
  const third = await logins.begin(async () => ({ done: Promise.resolve() }), onEnd);
  await third.login.done;
  await logins.close();
  t.strictSame(ends.slice(1), [
    [second.id, 'Login was not completed'],
    [third.id, null],
  ]);
  t.notOk(logins.isWaiting());
});

t.test('a login that cannot begin does not hinder the next one', async (t) => {
  const logins = createLogins();
  const fails = logins.begin(
    () => Promise.reject(new Error('no port')),
    () => t.fail('it has not begun'),
  );
  await t.rejects(fails, { message: 'no port' });
  await logins.begin(waiting, () => undefined);
  await logins.close();
});
