import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { createWriterLocks } from '../../../../server/sessions/store/files/writer-lock.js';
import { systemProgramIfAny } from '../../../../server/system/programs/system-program.js';
import { id, makeHome } from '../support.js';
import { elapse } from '../../../fixtures/until.js';
import { startChild } from '../../../fixtures/programs.js';
import { isForUserAlone } from '../../../fixtures/for-user-alone.js';

/** Another process that holds a lock until it is ordered to release it. */
async function holder(t: Test, file: string): Promise<() => Promise<unknown>> {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const child = startChild('flock', ['-n', file, 'sh', '-c', 'echo held; read line'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return () => (child.stdin.end('\n'), once(child, 'close'));
}
/** Whether another process can take the lock now. */
async function isFree(file: string): Promise<boolean> {
  const child = startChild('flock', ['-n', file, 'true'], { stdio: 'ignore' });
  const [code] = (await once(child, 'close')) as [number];
  return code === 0;
}
const lockFile = (home: string, threadId: string): string => path.join(home, 'thread-writer-locks', `${threadId}.lock`);

t.test('a held lock is a flock that other processes see, until it is released', async (t) => {
  const home = makeHome(t).path;
  const file = lockFile(home, id(1));
  const lock = await createWriterLocks(home).take(id(1));
  t.equal(await isFree(file), false);
  t.ok(await isForUserAlone(file));
  await lock.release();
  t.notOk(fs.existsSync(file), 'its file is removed');
  t.equal(await isFree(file), true);
});

t.test('a lock of another process is refused, and available after its release', async (t) => {
  const home = makeHome(t).path;
  const locks = createWriterLocks(home);
  const letGo = await holder(t, lockFile(home, id(1)));
  const refusal = { message: `thread ${id(1)} already has an active writer` };
  await t.rejects(locks.take(id(1)), refusal);
  await letGo();
  await (await locks.take(id(1))).release();
});

t.test('one process does not take a lock twice, nor do two stores of one process', async (t) => {
  const home = makeHome(t).path;
  const locks = createWriterLocks(home);
  const lock = await locks.take(id(1));
  await t.rejects(locks.take(id(1)), /active writer/);
  await t.rejects(createWriterLocks(home).take(id(1)), /active writer/);
  const other = await locks.take(id(2));
  await lock.release();
  await (await locks.take(id(1))).release();
  await other.release();
});

t.test('children that are started later do not inherit a lock', async (t) => {
  const home = makeHome(t).path;
  const lock = await createWriterLocks(home).take(id(1));
  const child = startChild('sleep', ['60'], { stdio: 'ignore' });
  t.teardown(() => child.kill('SIGKILL'));
  await lock.release();
  t.equal(await isFree(lockFile(home, id(1))), true);
});

t.test('an old lock file that nobody holds is no obstacle', async (t) => {
  const home = makeHome(t).path;
  const file = lockFile(home, id(1));
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, '');
  await (await createWriterLocks(home).take(id(1))).release();
});

t.test('several processes take and release a lock at once, but never hold it together', async (t) => {
  const home = makeHome(t).path;
  let holding = 0;
  let taken = 0;
  const one = async (): Promise<void> => {
    const locks = createWriterLocks(home);
    for (let n = 0; n < 15; n++) {
      const lock = await locks.take(id(1)).catch(() => null);
      if (lock === null) continue;
      taken++;
      t.equal(++holding, 1);
      await elapse(2, 'the lock is held while others ask');
      holding--;
      await lock.release();
    }
  };
  await Promise.all([one(), one(), one()]);
  t.ok(taken > 0);
});

t.test('without a program for locking, the refusal names it', async (t) => {
  const home = makeHome(t).path;
  const nothing = createWriterLocks(home, () => null);
  await t.rejects(nothing.take(id(1)), /install `flock` \(package util-linux\)/);
  await (await createWriterLocks(home).take(id(1))).release();
});

t.test('without flock(1), perl locks', { skip: systemProgramIfAny('perl') === null && 'no perl' }, async (t) => {
  const home = makeHome(t).path;
  const withPerl = createWriterLocks(home, (name) => (name === 'perl' ? systemProgramIfAny(name) : null));
  const lock = await withPerl.take(id(1));
  t.equal(await isFree(lockFile(home, id(1))), false);
  await t.rejects(createWriterLocks(home).take(id(1)), /active writer/);
  await lock.release();
});
