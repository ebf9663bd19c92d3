/**
 * Protects the programs that the daemon itself runs.
 *
 * Threat: codexd is installed in the project that it works on, or a profile makes the home folder or `/` writable. A
 * command then rewrites a bundle that the daemon loads later, its Node, or bubblewrap, and its code runs outside of the
 * sandbox.
 * Rule: in every restricted sandbox the places named here are read-only. They are pinned, so that no folder above can
 * be renamed. A command is refused when its profile makes a place inside of one writable, or when commands could
 * redirect a link on the way to one.
 * Scope: an installed package as a whole. Of a checkout of codexd, what its daemon loads (`bin`, `dist`, `build`,
 * package.json and the native modules). The sources stay writable, and `npm run build` must run outside of the sandbox.
 * For root, also the folders of the system's programs; other users cannot write those (system-program.ts).
 * Non-scope: libraries and /etc when a root daemon's profile makes `/` or `/usr` writable; the place of a native module
 * that was never installed, where only the published module is loaded (system/node/native-module.ts).
 */
import fs from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../../package/package-root.js';
import { nativeModuleFolders } from '../../system/node/native-module.js';
import { SYSTEM_PROGRAM_NAMES, systemProgramIfAny } from '../../system/programs/system-program.js';
import { isWithin } from './resolve-path.js';

/** Absolute paths. `sandbox`: the programs that make sandboxes here. */
export function daemonProgramPlaces(...sandbox: readonly string[]): readonly string[] {
  const folders = process.geteuid?.() === 0 ? systemFolders() : [];
  const rest = [process.execPath, ...sandbox].filter(
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

/** The published package contains no compiler configuration. */
const isCheckout = (root: string): boolean => fs.existsSync(path.join(root, 'tsconfig.json'));

/** The folders of the names that run, and the folders that their links lead to (/etc/alternatives, busybox). */
function systemFolders(): readonly string[] {
  const files = SYSTEM_PROGRAM_NAMES.flatMap((name) => systemProgramIfAny(name) ?? []);
  return [...new Set(files.flatMap((file) => [file, fs.realpathSync(file)]).map((file) => path.dirname(file)))];
}

const isSystemProgram = (file: string): boolean =>
  SYSTEM_PROGRAM_NAMES.some((name) => systemProgramIfAny(name) === file);
