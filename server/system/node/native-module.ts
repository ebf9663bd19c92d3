/**
 * The native code that the daemon loads, when it is needed first: `pty.node` of @lydell/node-pty, which opens terminals
 * on Linux and macOS, and `koffi.node`, which calls the system on Windows and macOS, and on Linux for lanes of
 * `transparent_tcp`, in their helper, for the owners of many sockets at once, and for the starts of commands.
 *
 * Threat: npm may omit an optional package. Then a command can put a file at its path, or in a node_modules folder
 * further up that Node also searches, and the next daemon that opens a terminal runs that file.
 * Rule: a module is searched only beside this package and in it. The file is opened once, its bytes must be the
 * published ones, and the checked file is loaded by its descriptor. The daemon loads no other package by name while it
 * runs (scripts/build.mjs bundles them or leaves them out).
 * Scope: the platforms with a published digest below. Windows and macOS load by the path of the checked file, because
 * there a descriptor has no path that can be loaded. Non-scope: a command that was started before the module was
 * installed and rewrites it in the
 * moment between the look and the load; on Windows a command without a sandbox, as there is no other yet.
 */
import { CodexdError } from '../../errors/codexd-error.js';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/** One optional package with compiled code. */
interface NativeModule {
  /** The package that npm chooses the platform's one for, or the common part of their names. */
  readonly name: string;
  /** The version that package.json pins. */
  readonly version: string;
  /** Where the file is in the package of a platform, as `linux-x64`. */
  readonly file: (platform: string) => string;
  /** The beginning of `… need PACKAGE`. */
  readonly users: string;
  /** sha256 of the file as npm delivers it, by platform and processor. */
  readonly published: Readonly<Record<string, string>>;
  /** The same for the programs beside it, by name. */
  readonly programs?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export const TERMINALS: NativeModule = {
  name: '@lydell/node-pty',
  version: '1.1.0',
  file: () => 'pty.node',
  users: 'terminals',
  published: {
    'linux-x64': 'ff8c140f142c13030d84193e5ba2ac556d320cf29d8efecc391174bfb8861cb0',
    'darwin-arm64': '12859327f1340ef35d04839a3670059e1964c0af2387da4f95a401ad7a410811',
    'darwin-x64': '40eaedf8f8ad00daa614b28d154b78789d63f44615c58a0edc71a057bc2b79ea',
    'linux-arm64': 'c192e560428e778842fdbbe72f14032824b03373ed49ad3efcdbcf9eb249b75b',
  },
  programs: {
    'spawn-helper': {
      'darwin-arm64': '863b9d9f2cddcae00141a5d81b452cbf1235ee57000d77fb4611bde864469316',
      'darwin-x64': '56a63c5e9fed5fb50529eb3aa0cbe6406348761f02b206c5e3f1b5ba7a26d26b',
    },
  },
};

/** The programs of TERMINALS. */
export type NativeProgram = 'spawn-helper';

export const SYSTEM_CALLS: NativeModule = {
  name: '@koromix/koffi',
  version: '3.3.4',
  file: (platform) => path.join(platform.replace('-', '_'), 'koffi.node'),
  users: 'locks of threads, terminals and the ends of commands',
  published: {
    'darwin-arm64': 'b9aecb03e160adb199ea66128a6986cbd5550056bd7fb19f4d35f366cf861c61',
    'darwin-x64': '5dad9e07f28a7ffec3d3a96bb045fe498f6877b6c0694ac4e3ae4ae39f22ef36',
    'win32-x64': 'a77b6bb6f60cdd360a41cc4e9f8a0e2a4c5b8e6dd83f43e756af285c59a7c4c2',
    'win32-arm64': '39fe96e2a2da1ed2ab26d4b2cad01de85d42f7197048e471c65ba5afa3ce7050',
  },
};

/** The same package on Linux (system/linux/libc.ts). */
export const LINUX_CALLS: NativeModule = {
  ...SYSTEM_CALLS,
  users: 'lanes of `transparent_tcp`',
  published: {
    'linux-arm64': '7086182b845ae3a0e22113513c9a4e4f2b7838814b079c9a91270887eab1adf1',
    'linux-x64': 'bee3ebc173f47178269e8441fbfd90899c8fe6bc3c948f481c79670f924b1725',
  },
};

const HERE = `${process.platform}-${process.arch}`;

/** It is not there, or not the published one; the message names the file and the way out. */
const nativeModuleError = (message: string): CodexdError => new CodexdError('machine.native-module', message);

/** The folders of the modules' packages, which commands must not change. `root`: the folder of this package. */
export function nativeModuleFolders(root: string): readonly string[] {
  return [TERMINALS, SYSTEM_CALLS, LINUX_CALLS].flatMap(({ name, published }) => {
    if (published[HERE] === undefined) return [];
    const places = moduleFolders(root, name);
    return [name, `${name}-${HERE}`].flatMap((name) => {
      const folder = places.map((place) => path.join(place, name)).find((place) => fs.existsSync(place));
      return folder === undefined ? [] : [...new Set([folder, fs.realpathSync(folder)])];
    });
  });
}

/** Loads it; what it exports. `root`: this package's own folder. Throws `machine.native-module`. */
export function loadNativeModule(root: string, module: NativeModule = TERMINALS): unknown {
  return withChecked(root, module, module.file(HERE), module.published, (file, opened) => {
    const loaded: { exports: unknown } = { exports: {} };
    process.dlopen(loaded, process.platform === 'linux' ? unusedName(opened) : file);
    return loaded.exports;
  });
}

let loads = 0;
/**
 * A name of the open file that no load has had: the C library takes two files of one name for one library (dlopen(3)),
 * and numbers of descriptors are given again.
 */
const unusedName = (opened: number): string => `/proc/self/${'./'.repeat(loads++)}fd/${opened}`;

/** The path of a checked program. npm may leave out the right to execute it. Throws `machine.native-module`. */
export function nativeProgram(root: string, name: NativeProgram): string {
  return withChecked(root, TERMINALS, name, TERMINALS.programs?.[name] ?? {}, (file, opened) => {
    if ((fs.fstatSync(opened).mode & 0o100) === 0)
      throw nativeModuleError(`${file} cannot be executed; make it executable (chmod 755), or install codexd again`);
    return file;
  });
}

/** Calls `use` with the path and a descriptor of a file whose bytes are the published ones. */
function withChecked<T>(
  root: string,
  module: NativeModule,
  inPackage: string,
  digests: Readonly<Record<string, string>>,
  use: (file: string, opened: number) => T,
): T {
  const name = `${module.name}-${HERE}`;
  const published = digests[HERE];
  if (published === undefined) throw nativeModuleError(`there is no ${path.basename(inPackage)} for ${HERE}`);
  const wanted = `${module.users} need ${name} ${module.version}`;
  const places = moduleFolders(root, module.name).map((place) => path.join(place, name, inPackage));
  const file = places.find((place) => fs.existsSync(place));
  if (file === undefined)
    throw nativeModuleError(
      `${wanted}, which is not in ${places.join(' or ')}; install codexd with its optional dependencies`,
    );
  const opened = fs.openSync(file, 'r');
  try {
    const found = createHash('sha256').update(fs.readFileSync(opened)).digest('hex');
    if (found !== published)
      throw nativeModuleError(`${wanted}, and ${file} is another file (sha256 ${found}); install codexd again`);
    return use(file, opened);
  } finally {
    fs.closeSync(opened);
  }
}

/** The package's node_modules, the node_modules that contains the package, and the target of a link there (pnpm). */
function moduleFolders(root: string, name: string): readonly string[] {
  const inside = path.join(root, 'node_modules');
  const holder = path.dirname(root);
  const folders = path.basename(holder) === 'node_modules' ? [inside, holder] : [inside];
  const linked = folders
    .map((folder) => path.join(folder, name))
    .filter((folder) => fs.existsSync(folder))
    .map((folder) => path.resolve(fs.realpathSync(folder), '..', '..'));
  return [...new Set([...folders, ...linked])];
}
