/**
 * Puts `apply_patch` on the PATH of commands (docs/protocol/turns.md §5 "The program").
 *
 * Threat: commands of one thread exchange the program, and commands of another, or one without a sandbox, run it.
 * Rule: the folder is the package's own, which no sandboxed command can write (sandbox/policy/own-programs.ts). The
 * program runs inside the sandbox of the command that calls it and has no right of its own. Where a profile shows a
 * command little, it shows this folder and Node besides, and nothing else of the package.
 * Non-scope: a command may unset all of this for itself. A program that a rule runs without the sandbox gets none.
 */
import path from 'node:path';
import { patchProgramFolder } from '../../package/patch-program.js';
import type { CommandSpec } from './command.js';

type Environment = Readonly<Record<string, string>>;

/**
 * Makes the folder the first of PATH, and names the daemon's own Node for the program. An environment without a PATH
 * keeps none: the shell's default is better than a PATH of this one folder.
 */
export function withPatchProgram(env: Environment, folder = patchProgramFolder()): Record<string, string> {
  const result: Record<string, string> = Object.assign(Object.create(null), env);
  if (!fitsIntoPath(folder)) return result;
  result.CODEXD_NODE = process.execPath;
  if (env.PATH) result.PATH = `${folder}${path.delimiter}${env.PATH}`;
  return result;
}

/**
 * The same for a shell with a script (`argv`: shell, flags, script). A login shell sets PATH anew (`/etc/profile` of
 * Debian), also one that the command starts itself. bash then reads BASH_ENV, which puts the folder back; a BASH_ENV of
 * the person's own stays. What reads no BASH_ENV of ours gets it from the first line of its script, which stays the
 * first: errors name the lines of the model's script.
 */
export function shellWithPatchProgram(
  { argv, env }: Pick<CommandSpec, 'argv' | 'env'>,
  folder = patchProgramFolder(),
): Required<Pick<CommandSpec, 'argv' | 'env' | 'readable'>> {
  if (!fitsIntoPath(folder)) return { argv, env, readable: [] };
  const [shell = '', flags = '', script = ''] = argv;
  const name = path.basename(shell);
  const own = Boolean(env.BASH_ENV);
  const changed = withPatchProgram(env, folder);
  // bash expands the value as it does between double quotes.
  if (!own) changed.BASH_ENV = path.join(folder, 'bash-env').replace(/[$`\\"]/g, '\\$&');
  const resets = flags === '-lc' && SHELLS.has(name) && (own || name !== 'bash');
  return {
    argv: resets ? [shell, flags, `PATH=${quoted(folder)}:"$PATH"; ${script}`] : argv,
    env: changed,
    readable: [folder, process.execPath],
  };
}

/** Login shells that take this script. */
const SHELLS: ReadonlySet<string> = new Set(['ash', 'bash', 'dash', 'ksh', 'sh', 'zsh']);

/** PATH has no way to write a name with a colon. */
const fitsIntoPath = (folder: string): boolean => !folder.includes(path.delimiter);

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
