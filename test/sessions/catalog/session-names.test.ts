import fs from 'node:fs';
import path from 'node:path';
import { once } from 'node:events';
import t from 'tap';
import { withFileLock } from '../../../server/system/files/with-file-lock.js';
import { createSessionNames } from '../../../server/sessions/catalog/session-names.js';
import { uid } from './support.js';
import { elapse } from '../../fixtures/until.js';
import { startChild } from '../../fixtures/programs.js';
import { isForUserAlone } from '../../fixtures/for-user-alone.js';

t.test('the last line of a thread is its name; invalid and incomplete lines are skipped', async (t) => {
  const home = t.testdir({
    'session_index.jsonl': [
      `{"id":"${uid(1)}","thread_name":"old","updated_at":"x"}`,
      'junk',
      '{"id":5,"thread_name":"x"}',
      `{"id":"${uid(1).toUpperCase()}","thread_name":"new","updated_at":"x"}`,
      `{"id":"${uid(2)}","thread_name":"never whole`,
    ].join('\n'),
  });
  const names = createSessionNames(home, withFileLock);
  t.strictSame([names.get(uid(1)), names.get(uid(2))], ['new', null]);
  await names.set(uid(2), 'two\nlines');
  t.equal(names.get(uid(2)), 'two\nlines');
  const again = createSessionNames(home, withFileLock);
  t.strictSame(
    [...again.all()],
    [
      [uid(1), 'new'],
      [uid(2), 'two\nlines'],
    ],
  );
});

t.test('names are found after the file was replaced, truncated or removed', async (t) => {
  const home = t.testdir();
  const file = path.join(home, 'session_index.jsonl');
  const names = createSessionNames(home, withFileLock);
  t.equal(names.get(uid(1)), null);
  await names.set(uid(1), 'first');
  t.ok(await isForUserAlone(file));
  fs.writeFileSync(`${file}.new`, `{"id":"${uid(1)}","thread_name":"replaced","updated_at":"x"}\n`);
  fs.renameSync(`${file}.new`, file);
  t.equal(names.get(uid(1)), 'replaced');
  fs.writeFileSync(file, '');
  t.equal(names.get(uid(1)), null);
  await names.set(uid(1), 'again');
  fs.rmSync(file);
  t.equal(names.get(uid(1)), null);
});

t.test('many simultaneous names are all stored', async (t) => {
  const home = t.testdir();
  const daemons = [createSessionNames(home, withFileLock), createSessionNames(home, withFileLock)];
  await Promise.all(daemons.flatMap((names, d) => [1, 2, 3, 4, 5].map((n) => names.set(uid(10 * d + n), `${d}.${n}`))));
  for (const names of daemons) t.equal(names.all().size, 10);
});

t.test(
  'setting a name waits for the official program’s lock',
  { skip: !hasFlock() && 'no flock program' },
  async (t) => {
    const home = t.testdir({ 'session_index.jsonl.lock': '' });
    const lock = path.join(home, 'session_index.jsonl.lock');
    const holder = startChild('flock', [lock, 'sh', '-c', 'echo held; read done'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(holder.stdout, 'data');
    const names = createSessionNames(home, withFileLock);
    let written = false;
    const set = names.set(uid(1), 'late').then(() => {
      written = true;
    });
    await elapse(300, 'a writer that does not wait would be done now');
    t.notOk(written, 'somebody else holds it');
    holder.stdin.end('\n');
    await set;
    t.equal(names.get(uid(1)), 'late');
  },
);

function hasFlock(): boolean {
  return (process.env['PATH'] ?? '').split(':').some((folder) => fs.existsSync(path.join(folder, 'flock')));
}
