/**
 * Parses the command line of `codexd app-server` without loading the other commands. A client waits for this start, and
 * creating the specs of all commands takes longer than the rest of the parsing.
 */
import { APP_SERVER } from './commands/app-server-command.js';
import { readArguments } from './options/command-line.js';
import type { CommandSpec, ParsedCommand } from './options/command-spec.js';

/** The part of the program that the arguments of `app-server` need. */
const SERVER_ALONE: CommandSpec = {
  name: 'codexd',
  about: '',
  options: [],
  handsOptionsDown: true,
  subcommands: [APP_SERVER],
};

/**
 * Returns the command when `argv` begins with `app-server` and has no error. Null: the complete program has to parse
 * it, to print the error or the help. Never throws.
 */
export function readServerArguments(argv: readonly string[]): ParsedCommand | null {
  if (argv[0] !== APP_SERVER.name) return null;
  try {
    const found = readArguments(SERVER_ALONE, argv);
    return 'command' in found ? found.command : null;
  } catch {
    return null; // The complete program reports the error.
  }
}
