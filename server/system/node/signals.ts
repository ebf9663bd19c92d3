/** The signals that this system sends, by what they mean. Node names the events of Windows' consoles as signals. */

export interface SystemSignals {
  /** Keys of a terminal that interrupt what runs there: ^C, and ^\ or Ctrl-Break. */
  readonly keys: readonly NodeJS.Signals[];
  /** Those of them that interrupt a turn of `codexd exec`; the others end it. */
  readonly interrupts: readonly NodeJS.Signals[];
  /** The signals that end a daemon in order. */
  readonly ends: readonly NodeJS.Signals[];
  /**
   * Whether the keys reach each program of the terminal, also one without a stream of it, and come from nowhere else.
   */
  readonly keysReachAll: boolean;
  /** SIGHUP means that the console was closed: the system ends this process a few seconds later, whatever it does. */
  readonly hangupIsLast: boolean;
}

const POSIX: SystemSignals = {
  keys: ['SIGINT', 'SIGQUIT'],
  interrupts: ['SIGINT'],
  ends: ['SIGTERM', 'SIGINT', 'SIGHUP'],
  keysReachAll: false,
  hangupIsLast: false,
};

/** Windows has no SIGTERM and no SIGQUIT: nobody can send them. */
const WINDOWS: SystemSignals = {
  keys: ['SIGINT', 'SIGBREAK'],
  interrupts: ['SIGINT', 'SIGBREAK'],
  ends: ['SIGINT', 'SIGBREAK', 'SIGHUP'],
  keysReachAll: true,
  hangupIsLast: true,
};

export const systemSignals = (platform: NodeJS.Platform = process.platform): SystemSignals =>
  platform === 'win32' ? WINDOWS : POSIX;
