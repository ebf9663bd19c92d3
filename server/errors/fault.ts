import { CodexdError } from './codexd-error.js';

/**
 * A broken invariant: something that the code around it excludes. The message says in full words what is wrong. The log
 * has it with its stack, and asks for a report.
 */
export const fault = (message: string): CodexdError => new CodexdError('unexpected', message);
