/**
 * What a person sees of an error that nobody expected: its words, where it happened, and what to report. Node itself
 * would print the line of the bundle first.
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

/** From here on an error that nothing handles ends the process with exit code 1 and the text above. */
export function reportCrashes(): void {
  // Of what was preloaded (NODE_OPTIONS): it may look, and the person is told all the same.
  const preloaded = process.listenerCount('uncaughtException');
  process.on('uncaughtException', (error) => {
    // A server has a listener of its own, which goes on (server/rpc/endings.ts).
    if (process.listenerCount('uncaughtException') > preloaded + 1) return;
    const unwritten = unwrittenOutput(error);
    if (unwritten === 'nobody reads') process.exit(0);
    tell(unwritten === undefined ? crashText(error) : `Error: ${unwritten}\n`);
    process.exit(1);
  });
}

/** What it is when output could not be written: no mistake of ours. */
function unwrittenOutput(error: NodeJS.ErrnoException): string | undefined {
  if (error.syscall !== 'write' || error.path !== undefined) return undefined;
  if (error.code === 'EPIPE') return 'nobody reads';
  return ['ENOSPC', 'EIO', 'EDQUOT', 'EFBIG'].includes(error.code ?? '')
    ? `cannot write the output: ${error.message.replace(/^write /, '')}`
    : undefined;
}

/** All of it, before the process ends: a stream to a pipe would still have it. */
function tell(text: string): void {
  try {
    fs.writeSync(2, text);
  } catch {
    // Nobody is there to be told.
  }
}
