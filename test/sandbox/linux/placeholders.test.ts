import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { execaSync } from 'execa';
import t from 'tap';
import { isAbandoned, LEFT_MODE, newMark } from '../../../server/sandbox/policy/placeholder-marks.js';
import { createPlaceholders } from '../../../server/sandbox/linux/placeholders.js';
import { makePlace, names, skipReason, workspace } from '../support.js';

const skip = await skipReason();
const quiet = (): void => {};

t.test('a placeholder exists while a command needs it', (t) => {
  const folder = t.testdir();
  const place = path.join(folder, '.git');
  const one = createPlaceholders(quiet);
  const other = createPlaceholders(quiet);
  const first = one.claim([place]);
  const second = one.claim([place]);
  const third = other.claim([place]);
  t.ok(fs.statSync(place).mode & 0o1000, 'it carries the sticky bit');
  first.release();
  first.release();
  second.release();
  t.ok(fs.existsSync(place), 'another daemon still needs it');
  third.release();
  t.same(names(folder), []);
  t.end();
});

t.test('content that a person puts into a placeholder stays', (t) => {
  const folder = t.testdir();
  const place = path.join(folder, '.git');
  const placeholders = createPlaceholders(quiet);
  const claimed = placeholders.claim([place]);
  fs.writeFileSync(path.join(place, 'HEAD'), 'ref: refs/heads/main\n');
  claimed.release();
  t.same(names(place), ['HEAD']);
  t.notOk(fs.statSync(place).mode & 0o1000);
  placeholders.claim([place]).release();
  t.same(names(place), ['HEAD'], 'the next command leaves it alone');
  t.end();
});

t.test('a folder or file of the user is not a placeholder', (t) => {
  const folder = t.testdir({ '.codex': {}, '.aws': 'file' });
  const places = ['.codex', '.aws'].map((name) => path.join(folder, name));
  const claimed = createPlaceholders(quiet).claim(places);
  t.same(names(path.join(folder, '.codex')), []);
  claimed.release();
  t.same(names(folder), ['.aws', '.codex']);
  t.same([...claimed.absent], []);
  t.end();
});

t.test('a placeholder stays until the last of several daemons has ended, whichever created it', (t) => {
  const folder = t.testdir();
  const place = path.join(folder, '.git');
  const daemons = [createPlaceholders(quiet), createPlaceholders(quiet), createPlaceholders(quiet)];
  for (const order of [
    [0, 1, 2],
    [2, 1, 0],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [0, 2, 1],
  ]) {
    const claimed = daemons.map((daemon) => daemon.claim([place]));
    order.forEach((who, i) => {
      t.ok(fs.existsSync(place), `order ${order.join()}, before the departure number ${i + 1}`);
      claimed[who]?.release();
    });
    t.notOk(fs.existsSync(place), `order ${order.join()}: it is gone`);
  }
  const first = daemons[0]?.claim([place]);
  const second = daemons[1]?.claim([place]);
  first?.release();
  const third = daemons[2]?.claim([place]);
  second?.release();
  t.ok(fs.existsSync(place), 'one that came after its maker had left');
  third?.release();
  t.same(names(folder), []);
  t.end();
});

t.test('the next daemon that needs the place removes the records of dead ones', (t) => {
  const folder = t.testdir();
  const place = path.join(folder, '.git');
  fs.mkdirSync(place);
  fs.chmodSync(place, LEFT_MODE);
  // This machine and this pid, but another start time: an ended process.
  const dead = newMark().replace(/-(\d+)-(\d+)$/, (_, started: string, n: string) => `-${Number(started) + 1}-${n}`);
  const foreign = 'codexd-placeholder-0123456789ab-1-1-1';
  fs.mkdirSync(path.join(place, dead));
  fs.mkdirSync(path.join(place, foreign));
  createPlaceholders(quiet).claim([place]).release();
  t.same(names(place), [foreign], 'one of another machine may be alive');
  fs.rmdirSync(path.join(place, foreign));
  createPlaceholders(quiet).claim([place]).release();
  t.same(names(folder), []);
  t.end();
});

t.test('a process that cannot be looked up counts as ended after a reboot and after a day', (t) => {
  const folder = t.testdir();
  const stat = fs.statSync(folder);
  const hour = 60 * 60 * 1000;
  const aged = (ms: number): fs.Stats =>
    Object.assign(Object.create(Object.getPrototypeOf(stat)) as fs.Stats, stat, { ctimeMs: Date.now() - ms });
  t.notOk(isAbandoned(aged(Math.min(hour, (os.uptime() * 1000) / 2))));
  t.ok(isAbandoned(aged(25 * hour)));
  t.ok(isAbandoned(aged(os.uptime() * 1000 + 1000)));
  t.end();
});

t.test('if nobody can create a file no placeholder is needed, and if only the owner could, no command runs', (t) => {
  if (process.getuid?.() === 0) return t.end(); // File modes do not restrict root.
  const folder = t.testdir({ closed: {} });
  const closed = path.join(folder, 'closed');
  fs.chmodSync(closed, 0o555);
  const placeholders = createPlaceholders(quiet);
  t.throws(() => placeholders.claim([path.join(closed, '.git')]), { message: /yours but not writable/ });
  fs.chmodSync(closed, 0o755);
  t.same([...placeholders.claim(['/usr/.git']).absent], ['/usr/.git']);
  t.end();
});

t.test(
  '40 commands over one root, from two daemons: none can create a protected name, and nothing is left',
  { skip },
  async (t) => {
    const place = makePlace((f) => t.teardown(f));
    const other = makePlace((f) => t.teardown(f));
    const options = { profile: workspace(), workspaceRoots: [place.work], cwd: place.work };
    const command = (i: number): string =>
      `sleep 0.0${i % 10}; mkdir .git/x .codex/x; rmdir .git .codex; mkdir -p .git/hooks; echo done`;
    const results = await Promise.all(
      Array.from({ length: 40 }, (_, i) => (i % 2 ? place : other).run(command(i), options)),
    );
    for (const { stdout } of results) t.equal(stdout, 'done\n');
    t.same(names(place.work), []);
  },
);

t.test('git works with a placeholder', { skip: skip || !fs.existsSync('/usr/bin/git') }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  const claimed = createPlaceholders(quiet).claim([path.join(place.work, '.codex')]);
  const git = (...args: string[]) => execaSync('git', args, { cwd: place.work }).stdout;
  git('init', '-q');
  t.equal(git('status', '--porcelain'), '', 'it is not seen as untracked');
  claimed.release();
});
