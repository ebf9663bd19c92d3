import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { lockFolders } from '../../../../server/sessions/tools/patch-program/folder-locks.js';
import { startChild } from '../../../fixtures/programs.js';

const hold = async (folder: string): Promise<() => void> => {
  const child = startChild('flock', ['-F', folder, 'sh', '-c', 'echo held; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return () => {
    child.kill('SIGKILL');
  };
};
const timed = (work: () => void): number => {
  const started = performance.now();
  work();
  return performance.now() - started;
};

t.test(
  'the program waits for a locked folder, for a limited time',
  { skip: !fs.existsSync('/usr/bin/flock') },
  async (t) => {
    const dir = t.testdir({ held: {}, free: {} });
    const release = await hold(path.join(dir, 'held'));
    t.teardown(release);
    t.ok(timed(() => lockFolders([path.join(dir, 'free', 'a')], 3000)) < 2000);
    t.ok(timed(() => lockFolders([path.join(dir, 'held', 'a')], 500)) >= 500, 'in the end it goes on');
    t.ok(timed(() => lockFolders([path.join(dir, 'held', 'new', 'deep', 'a')], 500)) >= 500, 'the first that is there');
  },
);

t.test('a folder that cannot be opened is not locked', (t) => {
  lockFolders(['/proc/1/root/none/a', 'relative'], 500);
  t.end();
});
