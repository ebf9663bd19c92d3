/** Why `codexd exec` cannot do what it was asked to: one line for the user, exit code 1. */
export class ExecError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ExecError';
  }
}
