/**
 * Prints an unexpected error for a person: its message, its place, and what to report. Node itself would first print
 * the line of the bundle.
 */
import { messageOf } from '../../errors/message-of.js';
import fs from 'node:fs';
import { CODEXD_VERSION } from '../../package/package-version.js';

/** The lines for standard error. */
export function crashText(error: unknown): string {
  const stack = error instanceof Error ? error.stack : undefined;
  const cause = error instanceof Error && error.cause instanceof Error ? `Caused by: ${error.cause.stack}\n` : '';
  return `Error: ${stack ?? messageOf(error)}\n${cause}\n${reportLine()}\n`;
}

const reportLine = (): string =>
  `This is a mistake in codexd: please report these lines, and what you did, where you got it from (codexd ${CODEXD_VERSION}, Node ${process.version}, ${process.platform} ${process.arch}).`;

/** From this call on, an unhandled error ends the process with exit code 1 and the text above. */
export function reportCrashes(): void {
  // Preloaded code (NODE_OPTIONS) may have listeners too. The text is printed anyway.
  const preloaded = process.listenerCount('uncaughtException');
  process.on('uncaughtException', (error) => {
    // A server has its own listener and continues (server/rpc/endings.ts).
    if (process.listenerCount('uncaughtException') > preloaded + 1) return;
    const unwritten = unwrittenOutput(error);
    if (unwritten === 'nobody reads') process.exit(0);
    tell(unwritten === undefined ? crashText(error) : `Error: ${unwritten}\n`);
    process.exit(1);
  });
}

/** Output could not be written: this is not an error of codexd. */
function unwrittenOutput(error: NodeJS.ErrnoException): string | undefined {
  if (error.syscall !== 'write' || error.path !== undefined) return undefined;
  if (error.code === 'EPIPE') return 'nobody reads';
  return ['ENOSPC', 'EIO', 'EDQUOT', 'EFBIG'].includes(error.code ?? '')
    ? `cannot write the output: ${error.message.replace(/^write /, '')}`
    : undefined;
}

/** Writes everything before the process ends. A stream to a pipe would still hold the text. */
function tell(text: string): void {
  try {
    fs.writeSync(2, text);
  } catch {
    // Nobody reads standard error.
  }
}
