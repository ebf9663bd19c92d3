/**
 * When the daemon ends (spec/transport.md §5, §11).
 *
 * On stdio the client is the owner: its end of input, SIGTERM, SIGINT and SIGHUP all end the daemon, without waiting for
 * turns. A listener has many clients: a signal ends it at once when nothing but commands runs; while turns run it goes on
 * serving and ends after the last of them, or after a limit, or at a second SIGTERM or SIGINT.
 */
import type { Logger } from '../log.js';

export interface EndingsOptions {
  readonly transport: 'stdio' | 'listener';
  /** Whether turns run. */
  readonly busy: () => boolean;
  /** Resolves when no turn runs any more. */
  readonly idle: () => Promise<void>;
  /** Ends everything in order (RpcServer.shutdown); called once. */
  readonly end: () => Promise<void>;
  readonly log: Logger;
  readonly drainLimitMs?: number;
  /** For tests; else process.exit. */
  readonly exit?: (code: number) => void;
}

export interface Endings {
  /** The end of input on stdio. */
  inputEnded(): void;
  /** A signal came and turns are still running: new turns are to be refused. */
  draining(): boolean;
  /** Takes all handlers away. */
  dispose(): void;
}

/** How long turns may run on after a signal: longer than a turn's usual command, shorter than a person's patience. */
const DRAIN_LIMIT_MS = 5 * 60_000;
/** An end that takes longer than this is cut short: every step of it has a shorter limit of its own. */
const END_LIMIT_MS = 15_000;

/** Installs the handlers of signals, and of errors that nothing else handles. Call it before anything listens: there must be no moment in which a signal kills. */
export function superviseEnd(options: EndingsOptions): Endings {
  const { log, exit = (code) => process.exit(code) } = options;
  let state: 'running' | 'draining' | 'ending' = 'running';

  const end = async (): Promise<void> => {
    if (state === 'ending') return;
    state = 'ending';
    const limit = setTimeout(() => {
      log.error(`the daemon did not end within ${END_LIMIT_MS} ms and is cut short`);
      exit(1);
    }, END_LIMIT_MS);
    try {
      await options.end();
    } catch (error) {
      log.error(`the daemon did not end in order: ${(error as Error).message}`);
    }
    clearTimeout(limit);
    exit(0);
  };
  const drain = async (): Promise<void> => {
    state = 'draining';
    const limitMs = options.drainLimitMs ?? DRAIN_LIMIT_MS;
    log.info(`ending after the turns that run, in ${limitMs} ms at the latest`);
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise((resolve) => (timer = setTimeout(resolve, limitMs)));
    await Promise.race([options.idle(), limit]);
    clearTimeout(timer);
    await end();
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    if (state === 'running') void (options.transport === 'listener' && options.busy() ? drain() : end());
    else if (signal === 'SIGHUP')
      return; // a closed terminal says the same thing again and again
    else if (state === 'draining') void end();
    else exit(0);
  };

  // A mistake in one flow is logged and ends that flow, not every client's work. What it leaves undone stays closed: an
  // approval that is not given is none.
  const onStray = (error: unknown): void => {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    log.error(`an error that nothing handled: ${message}`, { stack });
  };
  process.on('uncaughtException', onStray);
  process.on('unhandledRejection', onStray);
  if (options.transport === 'listener') process.stderr.on('error', () => {}); // whoever read our banner may be gone

  const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
  signals.forEach((signal) => process.on(signal, onSignal));
  return {
    inputEnded: () => void end(),
    draining: () => state !== 'running',
    dispose() {
      signals.forEach((signal) => process.off(signal, onSignal));
      process.off('uncaughtException', onStray);
      process.off('unhandledRejection', onStray);
    },
  };
}
