/**
 * Logging to stderr (docs/operations.md, "Logs").
 *
 * Plain lines are written without a library, because a client on stdio waits for the daemon's start, and loading a
 * library takes time. JSON lines are made by pino; it is loaded before the first line, so that no line waits or is
 * lost.
 * Rule: a line contains no secret: no credential, no environment, at most the first word of a command. Callers follow
 * it; in the fields of a line, log-fields.ts replaces secrets by their names.
 */
import fs from 'node:fs';
import type { Logger as Pino } from 'pino';
import { plainData, REDACT, withoutSecrets, type LogFields } from './log-fields.js';
import { parseLogFilter, SEVERITY, type LogFilter, type LogLevel } from './log-filter.js';

export const LOG_FORMATS = ['plain', 'json'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];
export type { LogFields };

export interface Logger {
  error(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  /**
   * Events of a daemon, a client, a thread, a turn or a command, with its ids, so that lines can be correlated.
   */
  info(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  trace(message: string, fields?: LogFields): void;
  /** The same log under another target, e.g. `codexd::rpc`. */
  child(target: string): Logger;
}

/** The log of the daemon. */
export interface RootLogger extends Logger {
  readonly format: LogFormat;
  /** As `info`, at every level: lines that the starter of the daemon waits for. */
  announce(message: string, fields?: LogFields): void;
}

export interface LoggerOptions {
  readonly target?: string;
  /** From the command line; null or absent: `CODEXD_LOG`, else `RUST_LOG`; for the format `LOG_FORMAT`. */
  readonly filter?: string | null;
  readonly format?: LogFormat | null;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Writes a line (default: to stderr). Must be synchronous: a line must not be lost if the process exits after it. */
  readonly write?: (text: string) => void;
}

export async function createLogger(options: LoggerOptions = {}): Promise<RootLogger> {
  const { env = process.env, write = writeToStderr, target = 'codexd' } = options;
  const format = options.format ?? (env['LOG_FORMAT']?.toLowerCase() === 'json' ? 'json' : 'plain');
  const invalid: string[] = [];
  const filter = parseLogFilter(options.filter ?? env['CODEXD_LOG'] ?? env['RUST_LOG'] ?? '', (directive) =>
    invalid.push(`ignoring \`${directive}\`: invalid filter directive`),
  );
  const log = format === 'json' ? await jsonLogger(target, filter, write) : plainLogger(target, filter, write);
  for (const problem of invalid) {
    if (format === 'json') log.announce(problem);
    else write(`${problem}\n`);
  }
  return log;
}

/** A logger that writes nothing: for tests, and for parts that run without a daemon. */
export const silentLogger: Logger = {
  error() {},
  warn() {},
  info() {},
  debug() {},
  trace() {},
  child: () => silentLogger,
};

type Methods = Readonly<Record<LogLevel, (message: string, fields?: LogFields) => void>>;
const methods = (at: (level: LogLevel) => Methods[LogLevel]): Methods => ({
  error: at('error'),
  warn: at('warn'),
  info: at('info'),
  debug: at('debug'),
  trace: at('trace'),
});

function plainLogger(target: string, filter: LogFilter, write: (text: string) => void): RootLogger {
  const line = (name: string, level: LogLevel) => (message: string, fields?: LogFields) =>
    write(plainLine(name, level, message, fields));
  const named = (name: string): Logger => {
    const limit = SEVERITY[filter(name)];
    return { ...methods((level) => (SEVERITY[level] > limit ? () => {} : line(name, level))), child: named };
  };
  return { ...named(target), format: 'plain', announce: line(target, 'info') };
}

async function jsonLogger(target: string, filter: LogFilter, write: (text: string) => void): Promise<RootLogger> {
  const { default: pino } = await import('pino');
  const root = pino(
    {
      level: 'trace',
      base: null,
      timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label.toUpperCase() }) },
      nestedKey: 'fields',
      redact: REDACT,
      serializers: { err: (data: unknown) => data }, // it is plain data already
    },
    { write },
  );
  const through = (child: Pino): Methods =>
    methods((level) => {
      if (!child.isLevelEnabled(level)) return () => {};
      return (message, fields = {}) => child[level]({ message, ...plainData(fields) });
    });
  const named = (name: string): Logger => {
    const limit = filter(name);
    const child = root.child({ target: name }, { level: limit === 'off' ? 'silent' : limit });
    return { ...through(child), child: named };
  };
  return { ...named(target), format: 'json', announce: through(root.child({ target })).info };
}

function plainLine(target: string, level: LogLevel, message: string, fields: LogFields = {}): string {
  const details = fieldsText(withoutSecrets(plainData(fields)));
  const time = new Date().toISOString();
  return `${time} ${level.toUpperCase().padStart(5)} ${target}: ${oneLine(message)}${details}\n`;
}
/** ` name=value` for each field of plain data. */
export const fieldsText = (fields: LogFields): string =>
  Object.entries(fields)
    .map(([key, value]) => ` ${key}=${key === 'stack' ? String(value) : show(value)}`)
    .join('');
const show = (value: unknown): string =>
  typeof value === 'string' ? oneLine(value) : typeof value === 'bigint' ? String(value) : JSON.stringify(value);
/** Escapes control characters: text of a client must not look like a log line or control a terminal. */
const oneLine = (text: string): string =>
  text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (control) => JSON.stringify(control).slice(1, -1));

function writeToStderr(text: string): void {
  try {
    fs.writeSync(2, text);
  } catch {
    // stderr is closed, or a full pipe without a reader: the daemon must not end because of a log line.
  }
}
