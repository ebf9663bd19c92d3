import { CodexdError } from './codexd-error.js';

/**
 * The daemon cannot start as asked. The command line prints `Error: MESSAGE` (and what lies beneath) and exits with 1.
 */
export class StartError extends CodexdError {
  readonly details: readonly string[];
  constructor(message: string, details: readonly string[] = []) {
    super('cli.start', message);
    this.name = 'StartError';
    this.details = details;
  }
}
