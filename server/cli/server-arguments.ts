/**
 * The command line of `codexd app-server`, read without the other commands: a client waits for this start, and the
 * descriptions of all commands take longer to make than the rest of the reading.
 */
import { APP_SERVER } from './commands/app-server-command.js';
import { readArguments } from './options/arguments.js';
import type { CommandSpec, ParsedCommand } from './options/command-spec.js';

/** The program as far as words behind `app-server` meet it. */
const SERVER_ALONE: CommandSpec = {
  name: 'codexd',
  about: '',
  options: [],
  handsOptionsDown: true,
  subcommands: [APP_SERVER],
};

/**
 * The command, where `argv` begins with `app-server` and has nothing wrong. Null: the whole program has to read it,
 * which says what is wrong or prints what is asked for. Never throws.
 */
export function readServerArguments(argv: readonly string[]): ParsedCommand | null {
  if (argv[0] !== APP_SERVER.name) return null;
  try {
    const found = readArguments(SERVER_ALONE, argv);
    return 'command' in found ? found.command : null;
  } catch {
    return null; // The whole program says it, in full.
  }
}
