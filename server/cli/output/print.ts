/**
 * Writes a command's answer to standard output. A reader that has seen enough (`codexd config show | head`) closes the
 * pipe, and that is no error of ours.
 */
export function print(text: string): void {
  process.stdout.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
  process.stdout.write(text);
}
