/** The program: finds the command for the command line, and prints errors (docs/protocol/transport.md §6). */
import { messageOf } from '../errors/message-of.js';
import { isCode, isCodexdError } from '../errors/codexd-error.js';
import { readArguments } from './options/command-line.js';
import { crashText, reportCrashes } from './output/crash.js';
import { formatUsageError, UsageError } from './options/usage-error.js';
import { print } from './output/print.js';
import { readServerArguments } from './server-arguments.js';
import { StartError } from '../errors/start-error.js';
import { prepareFiles } from '../system/files/prepare-files.js';
import { isWorkingFolderGone, NO_WORKING_FOLDER } from '../system/files/look.js';
import { CODEXD_VERSION, PROTOCOL_VERSION } from '../package/package-version.js';

/** Runs the command line. Resolves to the exit code, or to undefined while a server is running. */
export async function main(argv: readonly string[]): Promise<number | void> {
  try {
    // Nothing to wait for but on Windows.
    const prepared = prepareFiles();
    if (prepared !== undefined) await prepared;
    const server = readServerArguments(argv);
    if (server !== null) return await server.spec.run!(server);
    const { CODEXD } = await import('./program.js');
    const found = readArguments(CODEXD, argv);
    if ('command' in found) return await found.command.spec.run!(found.command);
    // Clients read the first part, `codex-cli X.Y.Z` (docs/protocol/clients.md §1.4).
    const version = `codex-cli ${PROTOCOL_VERSION} (codexd ${CODEXD_VERSION})\n`;
    print(found.print === 'version' ? version : found.print);
    return 0;
  } catch (error) {
    process.stderr.write(errorText(error));
    return isCode(error, 'cli.usage') ? 2 : 1;
  }
}

/** An unexpected error is a mistake in codexd, and is reported as such; every other error is its message. */
function errorText(error: unknown): string {
  if (error instanceof UsageError) return formatUsageError(error);
  if (error instanceof StartError) {
    const beneath = error.details.map((line) => `    ${line}\n`).join('');
    return `Error: ${error.message}\n${beneath && `\nCaused by:\n${beneath}`}`;
  }
  if (isWorkingFolderGone(error)) return `Error: ${NO_WORKING_FOLDER}\n`;
  if (isCodexdError(error) && error.kind !== 'bug') return `Error: ${error.message}\n`;
  return error instanceof Error ? crashText(error) : `Error: ${messageOf(error)}\n`;
}

// main() handles every error of a command, so any other error is a crash.
reportCrashes();
void main(process.argv.slice(2)).then((code) => {
  // After a failure the process ends even with open handles: a service manager takes a living process for a working
  // service.
  if (code === undefined) return;
  if (code === 0) process.exitCode = code;
  else process.exit(code);
});
