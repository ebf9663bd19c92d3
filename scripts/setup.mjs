// Prepares a new clone: packages, bubblewrap, build. It skips steps that are complete.
//
// A new clone has no packages: this file needs only Node, and is the one script that uses node:child_process. The
// scripts that people start call setup() first, and then load execa, or what imports it, with import().
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
/** @param {string} line */
const say = (line) => process.stderr.write(`codexd: ${line}\n`);

/**
 * Prepares everything that a command of package.json needs. `tests` also transpiles the tests and benchmarks, `types`
 * writes the files that only a package contains.
 */
export async function setup({ tests = false, sandbox = true, types = false } = {}) {
  requireNode();
  installPackages();
  if (sandbox) installBubblewrap();
  if (tests && sandbox) installBrowser();
  await build({ tests, types });
}

function requireNode() {
  const [major] = process.versions.node.split('.').map(Number);
  if (major < 20)
    fail(`Node 20 or newer is needed; this is ${process.versions.node}. Install it from your system or nodejs.org.`);
}

/** Runs `npm ci` if node_modules does not match the lock file. */
function installPackages() {
  const lock = fs.readFileSync(path.join(root, 'package-lock.json'));
  const stamp = path.join(root, 'node_modules', '.codexd-lock');
  const want = createHash('sha256').update(lock).digest('hex');
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === want) return;
  say('installing packages (npm ci) …');
  run('npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']);
  fs.writeFileSync(stamp, want);
}

/** The system package that the Linux sandbox needs. Without it the daemon still runs and refuses sandboxed commands. */
function installBubblewrap() {
  if (process.platform !== 'linux') return;
  const missing = [
    ['bwrap', 'bubblewrap'],
    ['nsenter', 'util-linux'],
  ].filter(([program]) => !onPath(program));
  if (!missing.length) return;
  const names = missing.map(([, name]) => name).join(' ');
  if (!mayInstall()) {
    say(
      `needs ${names}: install it (Debian/Ubuntu: sudo apt-get install ${names}; Fedora: sudo dnf install ${names}).`,
    );
    say('Until then sandboxed commands are refused.');
    return;
  }
  if (!aptInstall(names.split(' ')))
    say(`apt-get could not install ${names}: install it by hand, sandboxed commands are refused until then.`);
}

/**
 * The browser of test/console/browser. Without it those tests say that they did not run. Firefox, for one more of them
 * (firefox.test.ts), is not installed here because it takes long: `apt-get install firefox-esr`.
 */
function installBrowser() {
  if (process.platform !== 'linux' || onPath('chromium') || onPath('google-chrome') || !mayInstall()) return;
  if (!aptInstall(['chromium']))
    say('apt-get could not install chromium: the browser tests of the console do not run.');
}

const mayInstall = () => process.getuid?.() === 0 && onPath('apt-get');

/**
 * Whether it worked.
 * @param {string[]} names
 */
function aptInstall(names) {
  say(`installing ${names.join(' ')} (apt-get) …`);
  /** @type {import('node:child_process').SpawnSyncOptions} */
  const options = { stdio: ['ignore', 2, 2], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  const install = () =>
    spawnSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...names], options).status === 0;
  return install() || (spawnSync('apt-get', ['update', '-q'], options), install());
}

/** Bundles dist/ (and transpiles build/ for tests) if a source is newer than the last build. */
export async function build({ tests = false, types = false }) {
  const everything = digest(['schema', 'server', 'clients', 'scripts']);
  const withTests = tests ? digest(['schema', 'server', 'clients', 'scripts', 'test', 'bench']) : everything;
  await once(tests ? 'build' : 'dist', withTests, 'building …', async () => {
    const { build: run } = await import('./build.mjs');
    await run({ tests });
    if (tests) fs.writeFileSync(path.join(root, 'dist', '.stamp'), everything);
  });
  if (!types) return;
  await once(path.join('dist', 'types'), everything, "writing the client's types …", async () => {
    const { buildTypes } = await import('./build-types.mjs');
    await buildTypes();
  });
}

/**
 * Runs `work` unless the folder's stamp has this digest already.
 * @param {string} folder
 * @param {string} want
 * @param {string} what
 * @param {() => Promise<void>} work
 */
async function once(folder, want, what, work) {
  const stamp = path.join(root, folder, '.stamp');
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === want) return;
  say(what);
  await work();
  fs.writeFileSync(stamp, want);
}

/** @param {string[]} folders */
const digest = (folders) =>
  createHash('sha256')
    .update(JSON.stringify(folders.flatMap(listing)))
    .digest('hex');

/** @param {string} folder */
function listing(folder) {
  const top = path.join(root, folder);
  if (!fs.existsSync(top)) return [];
  return fs
    .readdirSync(top, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const file = path.join(entry.parentPath ?? entry.path, entry.name);
      const { mtimeMs, size } = fs.statSync(file);
      return [path.relative(root, file), mtimeMs, size];
    })
    .sort();
}

/** @param {string} program */
function onPath(program) {
  return [...(process.env.PATH ?? '').split(':'), '/usr/bin', '/bin'].some(
    (dir) => dir && fs.existsSync(path.join(dir, program)),
  );
}

/**
 * @param {string} command
 * @param {string[]} args
 */
function run(command, args) {
  // scripts/prepare.mjs must not build here: this script does.
  const env = { ...process.env, CODEXD_SETUP: '1' };
  const { status, error } = spawnSync(command, args, { cwd: root, env, stdio: ['ignore', 2, 2] });
  if (error || status !== 0) fail(`\`${command} ${args.join(' ')}\` failed${error ? `: ${error.message}` : ''}.`);
}

/** @param {string} message */
function fail(message) {
  say(message);
  process.exit(1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const forPackage = process.argv.includes('--package');
  await setup({ tests: process.argv.includes('--tests'), types: forPackage, sandbox: !forPackage });
}
