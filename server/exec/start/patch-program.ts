/**
 * Puts `apply_patch` on the PATH of commands (docs/protocol/turns.md §5 "The program").
 *
 * Threat: commands of one thread replace the program, and commands of another thread, or one without a sandbox, run it.
 * Rule: the folder belongs to the package, and no sandboxed command can write it (sandbox/policy/own-programs.ts). The
 * program runs in the sandbox of the command that calls it and has no permissions of its own. A profile that shows a
 * command few files also shows this folder and Node, and nothing else of the package. Non-scope: a command may unset
 * all of this for itself. A program that a rule runs without the sandbox does not get it.
 */
import path from 'node:path';
import { spellingsOf } from '../../system/node/environment-names.js';
import { SEARCHES_AS_EXECVP } from '../../system/programs/path-search.js';
import { fileWords } from '../../package/own-node.js';
import { patchProgramFolder } from '../../package/patch-program-folder.js';
import type { CommandSpec } from './command.js';

type Environment = Readonly<Record<string, string>>;

/**
 * Makes the folder the first of PATH, and names the daemon's own Node for the program. An environment without a PATH
 * stays without one: the shell's default is better than a PATH of only this folder.
 */
export function withPatchProgram(env: Environment, folder = patchProgramFolder()): Record<string, string> {
  const result: Record<string, string> = Object.assign(Object.create(null), env);
  if (!fitsIntoPath(folder)) return result;
  result.CODEXD_NODE = process.execPath;
  const [word] = fileWords();
  if (word !== undefined) result.CODEXD_NODE_WORD = word;
  const [searched] = spellingsOf(env, 'PATH');
  if (searched !== undefined && env[searched]) result[searched] = `${folder}${path.delimiter}${env[searched]}`;
  return result;
}

/**
 * The same for a shell with a script (`argv`: shell, flags, script). A login shell sets PATH again (`/etc/profile` of
 * Debian), also one that the command itself starts. bash then reads BASH_ENV, which restores the folder; a BASH_ENV of
 * the person stays. A shell that does not read it gets the folder from the first line of its script. That line stays
 * the first, because errors name the lines of the model's script.
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
  // bash expands the value like text between double quotes. On Windows it has no login files that set PATH again.
  if (!own && SEARCHES_AS_EXECVP) changed.BASH_ENV = path.join(folder, 'bash-env').replace(/[$`\\"]/g, '\\$&');
  const resets = flags === '-lc' && SHELLS.has(name) && (own || name !== 'bash');
  return {
    argv: resets ? [shell, flags, `PATH=${quoted(folder)}:"$PATH"; ${script}`] : argv,
    env: changed,
    readable: [folder, process.execPath],
  };
}

/** Login shells that accept this script. */
const SHELLS: ReadonlySet<string> = new Set(['ash', 'bash', 'dash', 'ksh', 'sh', 'zsh']);

/** A name with a colon cannot be in PATH. */
const fitsIntoPath = (folder: string): boolean => !folder.includes(path.delimiter);

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
