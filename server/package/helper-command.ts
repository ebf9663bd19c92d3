/**
 * How the daemon starts its own helper programs: bundles of dist/ that run in a process of their own. In a single
 * executable there is no Node to run them: its hidden subcommand does.
 */
import path from 'node:path';
import { packageRoot } from './package-root.js';
import { requirePart } from './package-parts.js';

/** `dist/NAME.cjs`; scripts/build.mjs makes them. */
export type HelperName = 'sandbox-launcher' | 'sandbox-runner' | 'sandbox-canary';

const NAMES: ReadonlySet<string> = new Set<HelperName>(['sandbox-launcher', 'sandbox-runner', 'sandbox-canary']);

/** The first word of the subcommand. It is no name of a command that a person types, and is in no help. */
const SUBCOMMAND = '--codexd-helper';

/** The command line of a helper; its own arguments follow. `single`: for tests. */
export function helperCommand(
  name: HelperName,
  single = isSingleExecutable(),
): readonly [file: string, ...args: string[]] {
  return single
    ? [process.execPath, SUBCOMMAND, name]
    : [process.execPath, path.join(packageRoot(), 'dist', `${name}.cjs`)];
}

/** Runs the helper that the words of a command line ask for; false: they ask for none. */
export function runHelper([first, name = '']: readonly string[]): boolean {
  if (first !== SUBCOMMAND || !NAMES.has(name)) return false;
  requirePart(`${name}.cjs`);
  return true;
}

/** Whether this program is a single executable with Node inside (https://nodejs.org/api/single-executable-applications.html). */
export function isSingleExecutable(): boolean {
  // Nodes without the function, or without the module, make no such executable.
  const sea = process.getBuiltinModule?.('node:sea') as { isSea(): boolean } | undefined;
  return sea?.isSea() === true;
}
