import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import t, { type Test } from 'tap';
import { packageRoot } from '../../../server/package/package-root.js';
import { lockDescriptors, LOCK_RESULTS } from '../../../server/system/files/lock-descriptors.js';
import { lockFile } from '../../../server/system/windows/lock-files.js';
import { createWriterLocks } from '../../../server/sessions/store/files/writer-lock.js';
import { id, makeHome } from '../../sessions/store/support.js';
import { startChild } from '../../fixtures/programs.js';
import { onWindows } from '../../fixtures/windows.js';

const MODULE = path.join(packageRoot(), 'build', 'server', 'system', 'windows', 'lock-files.js');

function open(t: Test, file: string): number {
  const fd = fs.openSync(file, 'a+');
  t.teardown(() => {
    try {
      fs.closeSync(fd);
    } catch {
      // The test closed it.
    }
  });
  return fd;
}

/** Another process that holds the lock of a file until it is killed. */
async function holder(t: Test, file: string): Promise<() => Promise<unknown>> {
  const script = `
    import fs from 'node:fs';
    import { lockFile } from ${JSON.stringify(pathToFileURL(MODULE).href)};
    process.stdout.write(String(await lockFile(fs.openSync(${JSON.stringify(file)}, 'a+'), 0)));
    setInterval(() => {}, 60_000);`;
  const child = startChild(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  t.equal(said.toString(), 'true', 'the other process has the lock');
  return async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
}

t.test('a lock excludes another handle until its file is closed', onWindows, async (t) => {
  const file = path.join(t.testdir(), 'lock');
  const [one, other] = [open(t, file), open(t, file)];
  t.equal(await lockFile(one, 0), true);
  t.equal(await lockFile(other, 0), false);
  fs.closeSync(one);
  t.equal(await lockFile(other, 1000), true);
});

t.test('a lock of another process is seen, and ends with the process', onWindows, async (t) => {
  const file = path.join(t.testdir(), 'lock');
  const kill = await holder(t, file);
  const fd = open(t, file);
  t.equal(await lockFile(fd, 0), false);
  t.equal(await lockDescriptors([open(t, `${file}.guard`), fd]), LOCK_RESULTS.busy);
  const waiting = lockFile(fd, 30_000);
  await kill();
  t.equal(await waiting, true);
});

t.test('a descriptor that cannot be locked is reported with the error of Windows', onWindows, async (t) => {
  const file = path.join(t.testdir({ lock: '' }), 'lock');
  const fd = open(t, file);
  const closed = open(t, file);
  fs.closeSync(closed);
  t.equal(await lockFile(fd, 0), true);
  const code = await lockFile(closed, 0);
  t.type(code, 'number', 'no lock and no success');
});

t.test('the writer of a thread is one process', onWindows, async (t) => {
  const home = makeHome(t).path;
  const file = path.join(home, 'thread-writer-locks', `${id(1)}.lock`);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const kill = await holder(t, file);
  const locks = createWriterLocks(home);
  await t.rejects(locks.take(id(1)), { message: `thread ${id(1)} already has an active writer` });
  await kill();
  const lock = await locks.take(id(1));
  await t.rejects(createWriterLocks(home).take(id(1)), /active writer/);
  await lock.release();
  t.notOk(fs.existsSync(file), 'its file is removed');
});
