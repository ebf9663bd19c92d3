import { CodexdError } from '../../errors/codexd-error.js';

/** The reason why `codexd exec` failed: one line for the user, exit code 1. */
export const execError = (message: string): CodexdError => new CodexdError('cli.exec', message);
