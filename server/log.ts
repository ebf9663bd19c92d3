/**
 * Logging to stderr (spec/transport.md §13).
 *
 * `CODEXD_LOG`, else `RUST_LOG`, chooses what is written: a level, or a comma list of levels and `target=level`; errors
 * only by default. `LOG_FORMAT=json` writes one object a line. Nothing of pino is loaded before the first line is due.
 */
import fs from 'node:fs';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug' | 'trace';
export type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  error(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  /** The same log under another target, e.g. `codexd::rpc`. */
  child(target: string): Logger;
}

export interface LoggerOptions {
  readonly target?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Where lines go; a test's own, else stderr. Must be synchronous: a line must survive an exit right after it. */
  readonly write?: (text: string) => void;
}

export function createLogger(options: LoggerOptions = {}): Logger {
  const env = options.env ?? process.env;
  const write = options.write ?? writeToStderr;
  const filter = parseFilter(env['CODEXD_LOG'] ?? env['RUST_LOG'] ?? '', (directive) =>
    write(`ignoring \`${directive}\`: invalid filter directive\n`),
  );
  const json = env['LOG_FORMAT']?.toLowerCase() === 'json';
  const sink = createSink(json, write);
  return loggerFor(options.target ?? 'codexd', filter, sink);
}

/** A logger that writes nothing: for tests, and for parts that run without a daemon. */
export const silentLogger: Logger = {
  error() {},
  warn() {},
  info() {},
  debug() {},
  child: () => silentLogger,
};

interface Line {
  readonly timestamp: string;
  readonly level: LogLevel;
  readonly fields: LogFields;
  readonly target: string;
}
type Sink = (line: Line) => void;

const SEVERITY: Readonly<Record<LogLevel | 'off', number>> = { off: 0, error: 1, warn: 2, info: 3, debug: 4, trace: 5 };

function loggerFor(target: string, filter: Filter, sink: Sink): Logger {
  const limit = filter(target);
  const at = (level: LogLevel) =>
    SEVERITY[level] > limit
      ? () => {}
      : (message: string, fields?: LogFields) =>
          sink({
            timestamp: new Date().toISOString(),
            level,
            fields: { message, ...fields },
            target,
          });
  return {
    error: at('error'),
    warn: at('warn'),
    info: at('info'),
    debug: at('debug'),
    child: (name) => loggerFor(name, filter, sink),
  };
}

/** The most verbose level that a target may write. */
type Filter = (target: string) => number;

function parseFilter(text: string, onInvalid: (directive: string) => void): Filter {
  let fallback = SEVERITY.error;
  const targets: [target: string, level: number][] = [];
  for (const directive of text.split(',').map((part) => part.trim())) {
    if (!directive) continue;
    const { target, level } = /^(?:(?<target>[\w:.-]+)=)?(?<level>[a-z]+)$/i.exec(directive)?.groups ?? {};
    const severity = level === undefined ? undefined : SEVERITY[level.toLowerCase() as LogLevel];
    if (severity === undefined) {
      // A bare name opens that target wholly, as in the reference's filter syntax.
      if (/^[\w:.-]+$/.test(directive)) targets.push([directive, SEVERITY.trace]);
      else onInvalid(directive);
    } else if (target === undefined) fallback = severity;
    else targets.push([target, severity]);
  }
  targets.sort((a, b) => b[0].length - a[0].length); // the longest prefix decides
  return (name) => targets.find(([prefix]) => name.startsWith(prefix))?.[1] ?? fallback;
}

/** Keeps lines until pino is there, then writes in order; what is left when the process exits is written directly. */
function createSink(json: boolean, write: (text: string) => void): Sink {
  let ready: Sink | undefined;
  let waiting: Line[] | undefined;
  const direct: Sink = (line) =>
    write(json ? `${JSON.stringify({ ...line, level: line.level.toUpperCase() })}\n` : plain(line));
  const flush = (sink: Sink): void => {
    const lines = waiting ?? [];
    waiting = [];
    lines.forEach(sink);
  };
  const load = async (): Promise<void> => {
    const { default: pino } = await import('pino');
    const log = pino(
      {
        level: 'trace',
        base: null,
        timestamp: false,
        formatters: { level: (label) => ({ level: label.toUpperCase() }) },
      },
      { write: json ? write : (text: string) => write(plain(JSON.parse(text) as Line)) },
    );
    ready = ({ level, ...line }) => log[level](line);
    flush(ready);
  };
  return (line) => {
    if (ready) return ready(line);
    if (waiting) return void waiting.push(line);
    waiting = [line];
    process.once('exit', () => flush(direct));
    load().catch((error: unknown) => {
      ready = direct;
      flush(direct);
      direct({ ...line, level: 'error', fields: { message: `pino cannot be loaded: ${String(error)}` } });
    });
  };
}

function plain({ timestamp, level, fields, target }: Omit<Line, 'level'> & { readonly level: string }): string {
  const { message, ...rest } = fields;
  const details = Object.entries(rest).map(([key, value]) => ` ${key}=${key === 'stack' ? value : show(value)}`);
  return `${timestamp} ${level.toUpperCase().padStart(5)} ${target}: ${oneLine(String(message))}${details.join('')}\n`;
}
const show = (value: unknown): string =>
  typeof value === 'string' ? oneLine(value) : (JSON.stringify(value) ?? String(value));
/** What a client chose to send must not look like lines of the log, or steer a terminal. */
const oneLine = (text: string): string =>
  text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (control) => JSON.stringify(control).slice(1, -1));

function writeToStderr(text: string): void {
  try {
    fs.writeSync(2, text);
  } catch {
    // stderr is closed, or a full pipe that nobody reads: a log line is not worth the daemon.
  }
}
