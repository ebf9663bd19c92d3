import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { withRealNames } from '../../../server/sandbox/macos/real-names.js';
import { samplePlan } from './sample.js';

/** A disk that knows names without case. */
const disk = (names: readonly string[]) => (place: string) => {
  const found = names.find((name) => name.toLowerCase() === place.toLowerCase());
  if (found === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
  return found;
};

t.test('what exists has its name on disk, the rest its own', async (t) => {
  const realName = disk(['/', '/Users', '/Users/Me', '/Users/Me/Secrets']);
  const plan = withRealNames(
    samplePlan([
      { kind: 'writable', path: '/users/me' },
      { kind: 'hidden', path: '/users/me/secrets', of: 'folder' },
      { kind: 'empty', path: '/users/me/.Codex' },
    ]),
    realName,
  );
  t.same(
    plan.mounts.map(({ kind, path }) => `${kind} ${path}`),
    ['writable /Users/Me', 'empty /Users/Me/.Codex', 'hidden /Users/Me/Secrets'],
  );
});

t.test('of two rules about one place, the stricter holds, in any order', async (t) => {
  const realName = disk(['/', '/W']);
  for (const [first, second] of [
    ['/w', '/W'],
    ['/W', '/w'],
  ] as const) {
    const { mounts } = withRealNames(
      samplePlan([
        { kind: 'hidden', path: first, of: 'folder' },
        { kind: 'writable', path: second },
      ]),
      realName,
    );
    t.same(mounts, [{ kind: 'hidden', path: '/W', of: 'folder' }]);
  }
});

t.test('on this machine: links on the way, a link itself, and a folder that is gone', async (t) => {
  const root = fs.realpathSync(t.testdir({ real: { file: '' }, link: t.fixture('symlink', 'real') }));
  const at = (name: string): string => path.join(root, name);
  const { mounts } = withRealNames(
    samplePlan([
      { kind: 'readable', path: at('link/file') },
      { kind: 'link', path: at('link'), target: at('real') },
      { kind: 'empty', path: at('gone/x') },
    ]),
  );
  t.same(new Set(mounts.map(({ path }) => path)), new Set([at('real/file'), at('link'), at('gone/x')]));
});
