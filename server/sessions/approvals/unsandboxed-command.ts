/**
 * The command that runs without the sandbox because a rule allows it: exactly the judged programs, by their paths.
 *
 * Threat: the shell changes the meaning of the script (functions, aliases, start-up files, PATH); a command created the
 * program's file, or files that it obeys; the environment makes it load such a file. Rule: every command of the script
 * is a leaf program (leaf-programs.ts), or one in `[codexd] rules_without_sandbox`. codexd finds its file by its own
 * search of the command's PATH. The file must be where no command of this daemon can write
 * (system/programs/program-file.ts). It is started by that path, without the shell that the model requested, in the
 * resolved working folder. Null: the command stays in the sandbox. Non-scope: what an allowed program does with its
 * words; files of the user's home that it reads.
 */
import { realPath } from '../../system/files/paths.js';
import type { RuleSet } from '../../config/rules/rule-set.js';
import { protectedProgram, type ProgramSearch } from '../../system/programs/program-file.js';
import type { PlainScript } from '../shell/plain-script.js';
import { isLeaf } from './leaf-programs.js';
import { protectedEnvironment } from './protected-environment.js';

export interface UnsandboxedCommand {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface UnsandboxedCommandOptions {
  /** The shell and its script. */
  readonly argv: readonly string[];
  /** Null: the script is not understood, and the rule is about the shell with this script. */
  readonly script: PlainScript | null;
  readonly cwd: string;
  /** The environment that the command would get. */
  readonly env: Readonly<Record<string, string>>;
  readonly executables: RuleSet['executables'];
  /** Prefixes of commands that the user allows outside of the sandbox, whatever files they obey. */
  readonly explicit: readonly (readonly string[])[];
  /** Whether commands can write to this resolved path. */
  readonly mayChange: (place: string) => boolean;
}

export function unsandboxedCommand(wanted: UnsandboxedCommandOptions): UnsandboxedCommand | null {
  const { argv, script, mayChange, executables } = wanted;
  if (script !== null && !(script.clean && script.literal)) return null;
  const commands = script === null ? [argv] : script.pipelines.flat();
  const cwd = realFolder(wanted.cwd);
  if (cwd === null || !commands.every((words) => mayRunUnsandboxed(words, wanted.explicit))) return null;
  const search: ProgramSearch = { cwd, searchPath: wanted.env.PATH, mayChange };
  const paths = new Map<string, string>();
  for (const [program = ''] of commands) {
    const found = protectedProgram(program, search);
    const listed = executables.get(program);
    if (found === null || (listed !== undefined && !listed.has(found.path) && !listed.has(found.real))) return null;
    paths.set(program, found.path);
  }
  const judged = ([program = '', ...args]: readonly string[]): readonly string[] => [
    paths.get(program) ?? program,
    ...args,
  ];
  const env = protectedEnvironment(wanted.env, cwd, mayChange);
  const [only, ...more] = commands;
  if (only !== undefined && more.length === 0) return { argv: judged(only), cwd, env };
  const shell = SHELL_PATHS.map((shell) => protectedProgram(shell, search)).find((found) => found !== null);
  if (script === null || shell === undefined) return null;
  // -p: neither start-up files nor functions of the environment.
  return { argv: [shell.path, '-p', '-c', lineOf(script, judged)], cwd, env };
}

const SHELL_PATHS = ['/bin/bash', '/usr/bin/bash'];

function mayRunUnsandboxed(words: readonly string[], explicit: UnsandboxedCommandOptions['explicit']): boolean {
  const [program = ''] = words;
  if (BUILTINS.has(program)) return false;
  return isLeaf(words) || explicit.some((prefix) => prefix.length > 0 && prefix.every((word, n) => words[n] === word));
}

/** They change the shell in which the following commands run. */
const BUILTINS = new Set(
  '. : alias bg bind builtin cd command declare dirs disown enable eval exec exit export fc fg getopts hash history jobs let local logout popd pushd read readonly return set shift shopt source suspend times trap type typeset ulimit umask unalias unset wait'.split(
    ' ',
  ),
);

function realFolder(folder: string): string | null {
  try {
    return realPath(folder);
  } catch {
    return null; // the file does not exist: starting it reports that
  }
}

/** The script with every word quoted: the shell interprets only the operators between the commands. */
function lineOf(
  { pipelines, connectors }: PlainScript,
  judged: (words: readonly string[]) => readonly string[],
): string {
  return pipelines
    .map((pipeline, n) => {
      const line = pipeline.map((words) => judged(words).map(quoted).join(' ')).join(' | ');
      return n === 0 ? line : `${connectors[n - 1]} ${line}`;
    })
    .join(' ');
}

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
