/**
 * Writes a command's result to standard output. A reader may close the pipe early (`codexd config show | head`): this
 * is not an error.
 */
export function print(text: string): void {
  process.stdout.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
  process.stdout.write(text);
}
