/**
 * When and how the daemon ends (docs/protocol/transport.md §5, §11; docs/operations.md, "Stop").
 *
 * On stdio the client owns the daemon: end of input, SIGTERM, SIGINT and SIGHUP all end the daemon and do not wait for
 * turns. A listener has many clients. A signal ends it at once when no turn runs, even if commands run. While turns
 * run, the listener continues to serve. It ends after the last turn, after a limit, or at a second SIGTERM or SIGINT.
 * It does not wait for turns that only wait for a person. When `reload` exists, SIGHUP calls it and does not end the
 * daemon.
 *
 * On Windows Ctrl-C is SIGINT and Ctrl-Break is SIGBREAK. SIGHUP means there that the console was closed: Windows ends
 * the process about 10 seconds later, so it neither reads anything again nor waits for turns. SIGTERM does not come.
 */
import { describe } from '../errors/describe.js';
import type { Logger } from '../log/log.js';
import { systemSignals, type SystemSignals } from '../system/node/signals.js';

export interface EndingsOptions {
  readonly transport: 'stdio' | 'listener';
  /** True while turns run that the daemon should wait for. */
  readonly busy: () => boolean;
  /** Resolves when no such turn runs. */
  readonly idle: () => Promise<void>;
  /** Ends everything in order (RpcServer.shutdown). Called once. */
  readonly end: () => Promise<void>;
  readonly log: Logger;
  /** How long turns may continue after a signal, in milliseconds. Read when a signal arrives. */
  readonly drainLimitMs: () => number;
  /** The action of SIGHUP. Absent or null: SIGHUP ends the daemon. */
  readonly reload?: (() => Promise<void>) | null;
  /** Called once when draining begins and once when the end begins. `limitMs` null: the end begins now. */
  readonly onEnding?: (limitMs: number | null) => void;
  /** For tests; the default is process.exit. */
  readonly exit?: (code: number) => void;
  /** For tests; the default is that of this process. */
  readonly signals?: SystemSignals;
}

export interface Endings {
  /** Call it at the end of input on stdio. */
  inputEnded(): void;
  /** True after a signal: new turns must be refused, even when no turn runs. */
  draining(): boolean;
  /** Removes all handlers. */
  dispose(): void;
}

/** Cuts an end off after this time. Each of its steps has a shorter limit. */
const END_LIMIT_MS = 15_000;

/**
 * Installs the handlers for signals and for uncaught errors. Call it before anything listens, so that no signal kills
 * the process by default.
 */
export function superviseEnd(options: EndingsOptions): Endings {
  const { log, exit = (code) => process.exit(code), signals = systemSignals() } = options;
  const reload = signals.hangupIsLast ? null : (options.reload ?? null);
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
      log.error(...describe('the daemon did not end in order', error));
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
  /** The console was closed, and this process has a few seconds. */
  const isLast = (signal: NodeJS.Signals): boolean => signals.hangupIsLast && signal === 'SIGHUP';
  const onSignal = (signal: NodeJS.Signals): void => {
    if (signal === 'SIGHUP' && reload !== null) {
      log.info('reading credentials again', { reason: signal });
      reload().catch((error: unknown) => log.error(...describe('what was read before goes on to hold', error)));
    } else if (state === 'running')
      void (options.transport === 'listener' && options.busy() && !isLast(signal) ? drain(signal) : end(signal));
    else if (isLast(signal)) void end(signal);
    else if (signal === 'SIGHUP')
      return; // a closing terminal repeats SIGHUP
    else if (state === 'draining') void end(`${signal}, the second signal`);
    else exit(0);
  };

  // An uncaught error is logged and ends only its own flow, not every client's work. Unfinished work fails closed: an
  // approval that was not given does not count as given.
  const onStray = (error: unknown): void => {
    log.error(...describe('an error that nothing handled', error));
  };
  process.on('uncaughtException', onStray);
  process.on('unhandledRejection', onStray);
  if (options.transport === 'listener') process.stderr.on('error', () => {}); // the reader of the banner may have left

  signals.ends.forEach((signal) => process.on(signal, onSignal));
  return {
    inputEnded: () => void end('end of input'),
    draining: () => state !== 'running',
    dispose() {
      signals.ends.forEach((signal) => process.off(signal, onSignal));
      process.off('uncaughtException', onStray);
      process.off('unhandledRejection', onStray);
    },
  };
}
