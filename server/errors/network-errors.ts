/** The network policy cannot be compiled. The message is what the protocol shows (docs/protocol/network.md §1.1). */
export class PolicyError extends Error {
  constructor(problem: string) {
    super(`failed to start managed network proxy: failed to build network proxy state: ${problem}`);
    this.name = 'PolicyError';
  }
}

/** No lane can be made, so the command does not run. The message names the reason and the way out. */
export class LaneError extends Error {
  constructor(reason: string, fix?: string) {
    super(`cannot make a network lane: ${reason}${fix === undefined ? '' : `. ${fix}`}`);
    this.name = 'LaneError';
  }
}

/** TLS cannot be intercepted, which limited mode needs, so the command does not run. */
export class InterceptionError extends Error {
  constructor(reason: string) {
    super(`cannot intercept TLS for the network's limited mode: ${reason}`);
    this.name = 'InterceptionError';
  }
}
