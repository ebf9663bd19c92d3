/**
 * What the daemon itself runs, kept as it is.
 *
 * Threat: codexd is installed in the project that it works on, or a profile makes the home folder or `/` writable: a
 * command rewrites a bundle that the daemon loads later, its Node, or bubblewrap, and is run outside of the sandbox.
 * Rule: in every restricted sandbox the places named here are read-only, and pinned, so that no folder above can be
 * renamed. A profile that makes something inside of one writable, or a link that commands could turn on the way to one,
 * refuses the command.
 * Scope: an installed package as a whole. Of a checkout of codexd what its daemon loads (`bin`, `dist`, `build`,
 * package.json and the native modules); its sources stay writable, and `npm run build` is for outside of the sandbox.
 * As root also the folders of the system's programs; another user cannot write those anyway (system-program.ts).
 * Non-scope: libraries and /etc where a daemon of root is told to make `/` or `/usr` writable; the place of a native
 * module that was never installed, where nothing but the published one is loaded from (system/node/native-module.ts).
 */
import fs from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../../package/package-root.js';
import { nativeModuleFolders } from '../../system/node/native-module.js';
import { SYSTEM_PROGRAM_NAMES, systemProgramIfAny } from '../../system/programs/system-program.js';
import { isWithin } from './resolve-path.js';

/** Absolute paths. `bubblewrap`: the one that is used. */
export function ownPlaces(bubblewrap: string): readonly string[] {
  const folders = process.geteuid?.() === 0 ? systemFolders() : [];
  const rest = [process.execPath, bubblewrap].filter(
    (file) => !folders.some((folder) => isWithin(file, folder)) && !isSystemProgram(file),
  );
  return [...new Set([...loaded(packageRoot()), ...rest, ...folders])];
}

function loaded(root: string): readonly string[] {
  const parts = ['bin', 'dist', 'build', 'package.json'].map((name) => path.join(root, name));
  return [
    ...(isCheckout(root) ? parts : [root]),
    ...nativeModuleFolders(root).filter((folder) => !isWithin(folder, root) || isCheckout(root)),
  ];
}

/** What is published has no compiler's configuration. */
const isCheckout = (root: string): boolean => fs.existsSync(path.join(root, 'tsconfig.json'));

/** Where the names are that are run, and where their links lead (/etc/alternatives, busybox). */
function systemFolders(): readonly string[] {
  const files = SYSTEM_PROGRAM_NAMES.flatMap((name) => systemProgramIfAny(name) ?? []);
  return [...new Set(files.flatMap((file) => [file, fs.realpathSync(file)]).map((file) => path.dirname(file)))];
}

const isSystemProgram = (file: string): boolean =>
  SYSTEM_PROGRAM_NAMES.some((name) => systemProgramIfAny(name) === file);
