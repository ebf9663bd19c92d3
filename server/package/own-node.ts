/**
 * How this process starts itself again: codexd with other arguments, or a script with its own Node.
 *
 * codexd runs as scripts of a Node, or as one program file that contains Node and the scripts (docs/platforms.md
 * "Program files"). A program file takes its arguments for codexd. So it runs scripts only after a word that says so
 * (bin/program-file.cjs).
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import { packageRoot } from './package-root.js';

/** A program with its arguments: never empty. */
export type OwnCommand = readonly [file: string, ...args: string[]];

/** The word before the name of a script, and the one before its text (bin/program-file.cjs). */
const RUN_FILE = '--codexd-run';
const RUN_TEXT = '--codexd-eval';

/** Whether this process is a program file. */
export function isProgramFile(): boolean {
  single ??= askNode();
  return single;
}
let single: boolean | undefined;

function askNode(): boolean {
  try {
    const { isSea } = createRequire(import.meta.filename)('node:sea') as { isSea(): boolean };
    return isSea();
  } catch {
    return false; // Before Node 20.12 there are no such files.
  }
}

/** codexd, as this process is, with `args`. */
export const ownCommand = (args: readonly string[]): OwnCommand =>
  isProgramFile()
    ? [process.execPath, ...args]
    : [process.execPath, path.join(packageRoot(), 'bin', 'codexd.cjs'), ...args];

/** The script `file` (CommonJS), which finds `args` in process.argv from its third word on. */
export const nodeCommand = (file: string, args: readonly string[]): OwnCommand => [
  process.execPath,
  ...fileWords(),
  file,
  ...args,
];

/** What stands between this process' program and the name of a script. */
export const fileWords = (): readonly string[] => (isProgramFile() ? [RUN_FILE] : []);

/**
 * The script with this text (CommonJS, with Node's modules as globals), which finds `args` in process.argv from its
 * second word on, as with `node -e`.
 */
export const nodeTextCommand = (text: string, args: readonly string[]): OwnCommand =>
  isProgramFile()
    ? [process.execPath, RUN_TEXT, text, ...args]
    : [process.execPath, '--input-type=commonjs', '-e', text, '--', ...args];
