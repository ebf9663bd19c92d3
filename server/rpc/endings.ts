/**
 * When the daemon ends (docs/protocol/transport.md §5, §11; docs/operations.md, "Stop").
 *
 * On stdio the client is the owner: its end of input, SIGTERM, SIGINT and SIGHUP all end the daemon, without waiting
 * for turns. A listener has many clients: a signal ends it at once when nothing but commands runs; while turns run it
 * goes on serving and ends after the last of them, or after a limit, or at a second SIGTERM or SIGINT. Turns that only
 * wait for a person are not waited for. Where there is something to read again, SIGHUP does that and ends nothing.
 */
import type { Logger } from '../log/log.js';

export interface EndingsOptions {
  readonly transport: 'stdio' | 'listener';
  /** Whether turns run that are worth waiting for. */
  readonly busy: () => boolean;
  /** Resolves when no such turn runs any more. */
  readonly idle: () => Promise<void>;
  /** Ends everything in order (RpcServer.shutdown); called once. */
  readonly end: () => Promise<void>;
  readonly log: Logger;
  /** How long turns may run on after a signal, in milliseconds; asked when one comes. */
  readonly drainLimitMs: () => number;
  /** What SIGHUP is for; absent or null: it ends the daemon. */
  readonly reload?: (() => Promise<void>) | null;
  /** It has begun; called once before each. `limitMs` null: now. */
  readonly onEnding?: (limitMs: number | null) => void;
  /** For tests; else process.exit. */
  readonly exit?: (code: number) => void;
}

export interface Endings {
  /** The end of input on stdio. */
  inputEnded(): void;
  /** A signal came: new turns are to be refused, whether turns are still running or not. */
  draining(): boolean;
  /** Takes all handlers away. */
  dispose(): void;
}

/** An end that takes longer than this is cut short: every step of it has a shorter limit of its own. */
const END_LIMIT_MS = 15_000;

/**
 * Installs the handlers of signals, and of errors that nothing else handles. Call it before anything listens: there
 * must be no moment in which a signal kills.
 */
export function superviseEnd(options: EndingsOptions): Endings {
  const { log, reload = null, exit = (code) => process.exit(code) } = options;
  let state: 'running' | 'draining' | 'ending' = 'running';

  const end = async (reason: string): Promise<void> => {
    if (state === 'ending') return;
    state = 'ending';
    log.info('ending', { reason });
    const limit = setTimeout(() => {
      log.error(`the daemon did not end within ${END_LIMIT_MS} ms and is cut short`);
      exit(1);
    }, END_LIMIT_MS);
    try {
      options.onEnding?.(null);
      await options.end();
    } catch (error) {
      log.error(`the daemon did not end in order: ${(error as Error).message}`);
    }
    clearTimeout(limit);
    log.info('ended', { reason });
    exit(0);
  };
  const drain = async (signal: NodeJS.Signals): Promise<void> => {
    state = 'draining';
    const limitMs = options.drainLimitMs();
    log.info('ending after the turns that run', { reason: signal, withinMs: limitMs });
    options.onEnding?.(limitMs);
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<'limit'>((resolve) => (timer = setTimeout(resolve, limitMs, 'limit')));
    const first = await Promise.race([options.idle(), limit]);
    clearTimeout(timer);
    await end(first === 'limit' ? `${signal}, and turns ran on for ${limitMs} ms` : signal);
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    if (signal === 'SIGHUP' && reload !== null) {
      log.info('reading credentials again', { reason: signal });
      reload().catch((error: unknown) =>
        log.error(`what was read before goes on to hold: ${(error as Error).message}`),
      );
    } else if (state === 'running')
      void (options.transport === 'listener' && options.busy() ? drain(signal) : end(signal));
    else if (signal === 'SIGHUP')
      return; // a closed terminal says the same thing again and again
    else if (state === 'draining') void end(`${signal}, the second signal`);
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
    inputEnded: () => void end('end of input'),
    draining: () => state !== 'running',
    dispose() {
      signals.forEach((signal) => process.off(signal, onSignal));
      process.off('uncaughtException', onStray);
      process.off('unhandledRejection', onStray);
    },
  };
}
