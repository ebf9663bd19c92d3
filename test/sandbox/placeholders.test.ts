import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { createPlaceholders } from '../../server/sandbox/placeholders.js';
import { makePlace, names, skipReason, workspace } from './support.js';

const skip = await skipReason();
const quiet = (): void => {};

t.test('a placeholder exists while somebody needs it', (t) => {
  const folder = t.testdir();
  const place = path.join(folder, '.git');
  const one = createPlaceholders(quiet);
  const other = createPlaceholders(quiet);
  const first = one.hold([place]);
  const second = one.hold([place]);
  const third = other.hold([place]);
  t.ok(fs.statSync(place).mode & 0o1000, 'it carries the sticky bit');
  first.release();
  first.release();
  second.release();
  t.ok(fs.existsSync(place), 'another daemon still needs it');
  third.release();
  t.same(names(folder), []);
  t.end();
});

t.test('what somebody puts into a placeholder stays, and is theirs', (t) => {
  const folder = t.testdir();
  const place = path.join(folder, '.git');
  const placeholders = createPlaceholders(quiet);
  const held = placeholders.hold([place]);
  fs.writeFileSync(path.join(place, 'HEAD'), 'ref: refs/heads/main\n');
  held.release();
  t.same(names(place), ['HEAD']);
  t.notOk(fs.statSync(place).mode & 0o1000);
  placeholders.hold([place]).release();
  t.same(names(place), ['HEAD'], 'the next command leaves it alone');
  t.end();
});

t.test('a folder or file of the user’s own is no placeholder', (t) => {
  const folder = t.testdir({ '.codex': {}, '.aws': 'file' });
  const places = ['.codex', '.aws'].map((name) => path.join(folder, name));
  const held = createPlaceholders(quiet).hold(places);
  t.same(names(path.join(folder, '.codex')), []);
  held.release();
  t.same(names(folder), ['.aws', '.codex']);
  t.same([...held.absent], []);
  t.end();
});

t.test('marks of the dead are cleared by the next one who needs the place', (t) => {
  const folder = t.testdir();
  const place = path.join(folder, '.git');
  const placeholders = createPlaceholders(quiet);
  const held = placeholders.hold([place]);
  const [mark = ''] = names(place);
  held.release();
  // The same machine and pid, another start: a process that is gone.
  const dead = mark.replace(/-(\d+)-(\d+)$/, (_, started: string, n: string) => `-${Number(started) + 1}-${n}`);
  fs.mkdirSync(place, 0o1755);
  fs.chmodSync(place, 0o1755);
  fs.mkdirSync(path.join(place, dead));
  fs.mkdirSync(path.join(place, 'codexd-placeholder-0123456789ab-1-1-1'));
  placeholders.hold([place]).release();
  t.same(names(place), ['codexd-placeholder-0123456789ab-1-1-1'], 'one of another machine counts for a day');
  const yesterday = Date.now() / 1000 - 25 * 60 * 60;
  fs.utimesSync(path.join(place, 'codexd-placeholder-0123456789ab-1-1-1'), yesterday, yesterday);
  placeholders.hold([place]).release();
  t.same(names(folder), []);
  t.end();
});

t.test('where nobody can make anything nothing is needed, and where only the owner could, nothing runs', (t) => {
  if (process.getuid?.() === 0) return t.end(); // Modes do not hold root.
  const folder = t.testdir({ closed: {} });
  const closed = path.join(folder, 'closed');
  fs.chmodSync(closed, 0o555);
  const placeholders = createPlaceholders(quiet);
  t.throws(() => placeholders.hold([path.join(closed, '.git')]), { message: /yours but not writable/ });
  fs.chmodSync(closed, 0o755);
  t.same([...placeholders.hold(['/usr/.git']).absent], ['/usr/.git']);
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

t.test('git works beside a placeholder', { skip: skip || !fs.existsSync('/usr/bin/git') }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  const held = createPlaceholders(quiet).hold([path.join(place.work, '.codex')]);
  const { execFileSync } = await import('node:child_process');
  const git = (...args: string[]) => execFileSync('git', args, { cwd: place.work, encoding: 'utf8' });
  git('init', '-q');
  t.equal(git('status', '--porcelain'), '', 'it is not seen as untracked');
  held.release();
});
