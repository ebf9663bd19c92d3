import { CodexdError } from '../../errors/codexd-error.js';

/** The command line was written wrongly: exit code 2, with the words that scripts around the reference know. */
export class UsageError extends CodexdError {
  /** How the command is used, when that helps. */
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
