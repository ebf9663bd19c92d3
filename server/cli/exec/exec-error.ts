import { CodexdError } from '../../errors/codexd-error.js';

/** Why `codexd exec` cannot do what it was asked to: one line for the user, exit code 1. */
export const execError = (message: string): CodexdError => new CodexdError('cli.exec', message);
