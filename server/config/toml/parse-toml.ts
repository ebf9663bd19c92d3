import { CodexdError } from '../../errors/codexd-error.js';
import { parse, TomlDate, TomlError } from 'smol-toml';
import { newTable, TomlDatetime, TomlFloat } from './value.js';
import type { TomlTable as ParsedTable, TomlValue as ParsedValue } from 'smol-toml';
import type { TomlTable, TomlValue } from './value.js';

/**
 * How deep values may nest. All code that walks a configuration recurses, so the parser limits the depth. No real
 * configuration is near the limit.
 */
const MAX_DEPTH = 100;

/** The text is not TOML. Line and column are 1-based. */
export class TomlSyntaxError extends CodexdError {
  readonly line: number;
  readonly column: number;
  constructor(message: string, line: number, column: number) {
    super('config.syntax', message);
    this.name = 'TomlSyntaxError';
    this.line = line;
    this.column = column;
  }
}

/** Parses a whole document. Throws TomlSyntaxError. */
export function parseToml(text: string): TomlTable {
  try {
    const document = parse(text, { integersAsBigInt: true, maxDepth: MAX_DEPTH, useLegacyDate: true });
    return convertTable(document, 0);
  } catch (error) {
    throw asSyntaxError(error, text);
  }
}

/** Parses one value: the text after `=`. Throws TomlSyntaxError. */
export function parseTomlValue(text: string): TomlValue {
  const table = parseToml(`v = ${text}`);
  if (Object.keys(table).length !== 1 || table.v === undefined) throw new TomlSyntaxError('not one value', 1, 1);
  // A number that is too large for a double is an error; infinity must be written as `inf`.
  if (table.v instanceof TomlFloat && Math.abs(table.v.value) === Infinity && !text.includes('inf')) {
    throw new TomlSyntaxError('floating-point number overflowed', 1, 1);
  }
  return table.v;
}

function convert(value: ParsedValue, depth: number): TomlValue {
  if (depth > MAX_DEPTH) throw new TomlSyntaxError(`values nest deeper than ${MAX_DEPTH} levels`, 1, 1);
  if (typeof value === 'bigint') return fromBigInt(value);
  if (typeof value === 'number') return new TomlFloat(value);
  if (value instanceof TomlDate) return new TomlDatetime(value.toISOString().replace(/\.000(?=$|[Z+-])/, ''));
  if (Array.isArray(value)) return value.map((item) => convert(item, depth + 1));
  return typeof value === 'object' ? convertTable(value, depth) : value;
}

function convertTable(value: ParsedTable, depth: number): TomlTable {
  const table = newTable();
  for (const [key, item] of Object.entries(value)) table[key] = convert(item, depth + 1);
  return table;
}

/** TOML integers have 64 signed bits. A larger one is an error, because a rounded number would be another number. */
class IntegerTooLarge extends CodexdError {
  readonly value: bigint;
  constructor(value: bigint) {
    super('config.integer', `integer ${value} does not fit 64 bits`);
    this.value = value;
  }
}

function fromBigInt(value: bigint): number | bigint {
  if (BigInt.asIntN(64, value) !== value) throw new IntegerTooLarge(value);
  const small = Number(value);
  return Number.isSafeInteger(small) ? small : value;
}

function asSyntaxError(error: unknown, toml: string): TomlSyntaxError {
  if (error instanceof TomlSyntaxError) return error;
  if (error instanceof IntegerTooLarge) {
    const before = toml.slice(0, Math.max(0, toml.indexOf(String(error.value)))).split('\n');
    return new TomlSyntaxError(error.message, before.length, (before.at(-1)?.length ?? 0) + 1);
  }
  if (error instanceof TomlError) {
    const text = error.message.split('\n')[0]?.replace(/^Invalid TOML document: /, '') ?? 'invalid TOML';
    return new TomlSyntaxError(text, error.line, error.column);
  }
  if (error instanceof RangeError) return new TomlSyntaxError('values nest too deep', 1, 1);
  throw error;
}
