/**
 * Security bar, cases 151 to 154: denied files stay denied, whatever name or place a command gives them, and wherever
 * else the same files are mounted.
 */
import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { nativePath } from '../../server/system/files/path-bytes.js';
import { makePlace, skipReason, tries, workspace, type Place } from '../sandbox/support.js';

const skip = await skipReason();
t.setTimeout(240_000);

const make = (t: Test): Place => makePlace((f) => t.teardown(f));
const denying = (globs: readonly string[], more = {}) => ({ profile: workspace({}, { globs, ...more }) });

/** Each line is its own command. Then the output of the last word must not contain the secret. */
async function attack(place: Place, options: object, steps: readonly string[]): Promise<string> {
  let seen = '';
  for (const step of steps) {
    const { stdout, stderr } = await place
      .run(step, options)
      .catch((error: Error) => ({ stdout: '', stderr: error.message }));
    seen += stdout + stderr;
  }
  return seen;
}

t.test('case 151: a folder cannot be renamed or moved out of a denied glob', { skip }, async (t) => {
  const ROWS: readonly [globs: readonly string[], depth: number | null, file: string, step: string, then: string][] = [
    [['conf/**/.env'], null, 'conf/a/.env', 'mv conf conf2', 'cat conf*/a/.env'],
    [['**/secrets/*.pem'], null, 'a/secrets/k.pem', 'mv a/secrets a/open', 'cat a/*/k.pem'],
    [['**/secrets/**'], null, 'a/secrets/k.pem', 'mv a/secrets a/open', 'cat a/*/k.pem'],
    [['**/.env'], 3, 'five/.env', 'mkdir -p x/y && mv five x/y/', 'cat five/.env x/y/five/.env'],
    [['**/.env'], null, 'two/.env', 'mv two "$(printf "two\\377")"', 'cat two*/.env'],
    [['**/.env'], null, 'two/.env', 'mv two /tmp/codexd-moved-$PPID || mv two ../tmp/', 'cat ../tmp/two/.env two/.env'],
    [['**/.env'], null, 'two/.env', 'ln two/.env two/copy; ln -s .env two/link', 'cat two/copy two/link'],
    [['**/.env'], null, 'two/.env', 'mv two/.env two/env; rm -f two/.env; mv two TWO', 'cat */env */.env'],
  ];
  for (const [globs, globScanMaxDepth, file, step, then] of ROWS) {
    const place = make(t);
    place.write(file, 'SECRET');
    const options = denying(globs, globScanMaxDepth === null ? {} : { globScanMaxDepth });
    const seen = await attack(place, options, [`cat ${file}`, step, then]);
    t.notMatch(seen, /SECRET/, `${globs.join(' ')}: ${step}`);
  }
});

t.test('case 152: names that are not UTF-8 are hidden and protected like others', { skip }, async (t) => {
  const place = make(t);
  const odd = path.join(place.work, 'd\udce9');
  fs.mkdirSync(nativePath(path.join(odd, '.git', 'hooks')), { recursive: true });
  fs.writeFileSync(nativePath(path.join(odd, '.git', 'config')), '[core]\n');
  fs.writeFileSync(nativePath(path.join(odd, '.env')), 'SECRET');
  fs.writeFileSync(nativePath(path.join(place.work, 'k\udce9.pem')), 'SECRET');
  fs.symlinkSync(Buffer.from(nativePath('d\udce9')), path.join(place.work, 'link'));
  const { stdout, stderr } = await place.run(
    'cat d*/.env k*.pem link/.env; for f in d*/.git; do echo x > "$f/hooks/pre-commit" && echo WRITTEN; done; mv d* e && echo MOVED',
    denying(['**/.env', '**/*.pem']),
  );
  t.notMatch(stdout, /SECRET|WRITTEN|MOVED/);
  t.match(stderr, /Permission denied/);
  t.match(stderr, /Read-only file system/);
  t.notOk(fs.existsSync(path.join(place.work, 'd\ufffd')), 'no other name was made on the host');
});

t.test(
  'case 153: the target of a link that matches a denied glob stays denied after the link is removed',
  { skip },
  async (t) => {
    const place = make(t);
    place.write('real/settings', 'SECRET');
    fs.symlinkSync('real/settings', path.join(place.work, '.env'));
    for (const line of ['rm .env; cat real/settings', 'cat real/settings', 'mv real other; cat */settings'])
      t.notMatch((await place.run(line, denying(['**/.env']))).stdout, /SECRET/, line);
  },
);

t.test(
  'a folder that nobody may list is hidden with its content',
  { skip: skip || process.getuid?.() === 0 },
  async (t) => {
    const place = make(t);
    place.write('shut/.env', 'SECRET');
    fs.chmodSync(path.join(place.work, 'shut'), 0);
    t.teardown(() => fs.chmodSync(path.join(place.work, 'shut'), 0o755));
    t.match(await tries(place, ['chmod 755 shut && cat shut/.env'], denying(['**/.env'])), {
      'chmod 755 shut && cat shut/.env': 'refused',
    });
  },
);
