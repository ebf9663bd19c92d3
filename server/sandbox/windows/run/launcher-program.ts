/** The program around the launcher: the last word is the request's file. */
import { messageOf } from '../../../errors/message-of.js';
import { isCodexdError } from '../../../errors/codexd-error.js';
import { takeRequest } from './launch-request.js';
import { launch, type LauncherParts } from './launcher.js';

/** As of the runner: the command cannot be run. */
const NOT_RUNNABLE = 126;

/** Ends this process with the command's exit code. */
export function runLauncher(parts: LauncherParts): void {
  const launched = async (): Promise<number> => launch(takeRequest(process.argv.at(-1) ?? ''), parts);
  launched().then(
    (code) => process.exit(code),
    (error: unknown) => {
      const text = isCodexdError(error) ? error.message : `the launcher of the sandbox failed: ${messageOf(error)}`;
      process.stderr.write(`codexd: ${text}\n`);
      process.exit(NOT_RUNNABLE);
    },
  );
}
