import { CodexdError } from '../../errors/codexd-error.js';

/** An error in the command line: exit code 2, with the texts that scripts for the reference compare. */
export class UsageError extends CodexdError {
  /** The usage line, when it helps. */
  readonly usage: string | null;
  constructor(message: string, usage: string | null = null) {
    super('cli.usage', message);
    this.name = 'UsageError';
    this.usage = usage;
  }
}

export function formatUsageError({ message, usage }: UsageError): string {
  return `error: ${message}\n\n${usage ? `Usage: ${usage}\n\n` : ''}For more information, try '--help'.\n`;
}
