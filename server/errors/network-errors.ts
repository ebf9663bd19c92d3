import { CodexdError } from './codexd-error.js';

/** The network policy cannot be compiled. The message is what the protocol shows (docs/protocol/network.md §1.1). */
export const policyError = (problem: string): CodexdError =>
  new CodexdError(
    'network.policy',
    `failed to start managed network proxy: failed to build network proxy state: ${problem}`,
  );

/** No lane can be made, so the command does not run. The message names the reason and the way out. */
export const laneError = (reason: string, fix?: string): CodexdError =>
  new CodexdError('network.lane', `cannot make a network lane: ${reason}${fix === undefined ? '' : `. ${fix}`}`);

/** TLS cannot be intercepted, which limited mode needs, so the command does not run. */
export const interceptionError = (reason: string): CodexdError =>
  new CodexdError('network.interception', `cannot intercept TLS for the network's limited mode: ${reason}`);
