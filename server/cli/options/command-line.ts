/**
 * Parses the command line by the command specs. The errors have the texts of docs/protocol/transport.md §6, because
 * clients and scripts compare them.
 */
import {
  GLOBAL_OPTIONS,
  STRICT_CONFIG,
  type CommandSpec,
  type OptionSpec,
  type ParsedCommand,
} from './command-spec.js';
import { helpFor, optionName, optionsOf, usageLine } from './help.js';
import { StartError } from '../../errors/start-error.js';
import { PROFILE } from './user-file-options.js';
import { mostSimilar } from '../../errors/similar.js';
import { UsageError } from './usage-error.js';

export type Arguments =
  { readonly print: 'version' } | { readonly print: string } | { readonly command: ParsedCommand };

/** `argv` without the program. Throws UsageError at the first error, from left to right. */
export function readArguments(root: CommandSpec, argv: readonly string[]): Arguments {
  const path = [root];
  const globals: { name: string; value: string }[] = [];
  let values = new Map<string, string[]>();
  /** Options before the subcommand. The subcommand's own value takes precedence. */
  let inherited: ReadonlySet<string> = new Set();
  const rest = [...argv];
  let onlyPositionals = false;
  let trailing: string[] = [];

  while (rest.length) {
    const word = rest.shift()!;
    if (!onlyPositionals && word === '--') {
      onlyPositionals = true;
    } else if (!onlyPositionals && isOption(word)) {
      if (word === '--help' || word === '-h') return { print: helpFor(path) };
      if ((word === '--version' || word === '-V') && path.length === 1) return { print: 'version' };
      const { option, given } = readOption(word, rest, path);
      for (const value of given) {
        if (GLOBAL_OPTIONS.includes(option)) globals.push({ name: option.long, value });
        else if (inherited.has(option.long) && !option.repeatable) {
          values.set(option.long, [value]);
          inherited = new Set([...inherited].filter((long) => long !== option.long));
        } else add(values, option, value, path);
      }
    } else {
      const current = path.at(-1)!;
      const named =
        !onlyPositionals &&
        trailing.length === 0 &&
        ((word === 'help' && !current.positionals) || current.subcommands?.some((command) => isCalled(command, word)));
      if (current.trailing && !named && trailing.length === (current.positionals?.names.length ?? 0)) {
        trailing = [...trailing, word, ...rest];
        break;
      }
      if (word === 'help' && (current.subcommands || (current.trailing && !current.positionals)))
        return { print: helpFor(descend(path, rest)) };
      if (current.positionals && !named) {
        if (trailing.length === current.positionals.names.length) {
          throw new UsageError(`unexpected argument '${word}' found`, usageLine(path));
        }
        const { possible } = current.positionals;
        if (possible !== undefined && !possible.includes(word)) {
          throw new UsageError(
            `invalid value '${word}' for '[${current.positionals.names[trailing.length]}]'\n  [possible values: ${possible.join(', ')}]`,
          );
        }
        trailing.push(word);
        continue;
      }
      if (!current.subcommands) throw new UsageError(`unexpected argument '${word}' found`, usageLine(path));
      checkTogether(values, path);
      path.push(subcommand(path, word));
      if (current.handsOptionsDown) {
        refuseForeign(values, current, path);
        inherited = new Set(values.keys());
      } else values = new Map([...values].filter(([name]) => name === 'strict-config'));
    }
  }
  checkTogether(values, path);
  const spec = path.at(-1)!;
  const positionals = spec.positionals?.names.slice(trailing.length, spec.positionals.required ?? 0) ?? [];
  const missing = [...eitherOr(values, trailing, path), ...positionals];
  if (missing.length > 0) {
    const list = missing.map((name) => `\n  <${name}>`).join('');
    throw new UsageError(`the following required arguments were not provided:${list}`, usageLine(path));
  }
  if (!spec.run) throw new UsageError('a subcommand is required but one was not provided', usageLine(path));
  return { command: { path: path.slice(1).map(({ name }) => name), spec, globals, values, trailing, recordTo: null } };
}

interface GivenOption {
  readonly option: OptionSpec;
  /** One value, which is empty for a flag; more for an option with several. */
  readonly given: readonly string[];
}

/** One option and its value, which may be the next word or words. */
function readOption(word: string, rest: string[], path: readonly CommandSpec[]): GivenOption {
  const { name, attached } = splitOption(word);
  const option = findOption(name, path);
  if (!option) throw unexpected(name, path);
  if (option.unsupported !== undefined) {
    throw new UsageError(`'${optionName(option)}' is not supported by codexd: ${option.unsupported}`);
  }
  if (!option.value) {
    if (attached !== undefined) {
      throw new UsageError(
        `unexpected value '${attached}' for '${optionName(option)}' found; no more were expected`,
        usageLine(path),
      );
    }
    return { option, given: [''] };
  }
  const words = attached === undefined ? nextValues(option, rest, path) : [attached];
  if (option.takes !== undefined && words.length !== option.takes) throw wrongCount(option, words.length, path);
  const given = option.separated ? words.flatMap((value) => value.split(',')) : words;
  if (given.length === 0 || (option.nonEmpty && given.includes(''))) {
    throw new UsageError(
      `a value is required for '${optionName(option)}' but none was supplied${possibleValues(option)}`,
    );
  }
  const wrongTogether = option.checkAll?.(given);
  if (wrongTogether !== undefined) throw new StartError(wrongTogether);
  for (const value of given) {
    if (option.possible && !option.possible.includes(value)) {
      throw new UsageError(`invalid value '${value}' for '${optionName(option)}'${possibleValues(option)}`);
    }
    const wrong = option.check?.(value);
    if (wrong !== undefined) throw new UsageError(`invalid value '${value}' for '${optionName(option)}': ${wrong}`);
  }
  return { option, given };
}

/** `--long=value`, `-s=value`, `-svalue`: returns the attached value, if any. */
function splitOption(word: string): { name: string; attached: string | undefined } {
  if (word.startsWith('--')) {
    const equals = word.indexOf('=');
    return equals < 0
      ? { name: word, attached: undefined }
      : { name: word.slice(0, equals), attached: word.slice(equals + 1) };
  }
  const attached = word.slice(2).replace(/^=/, '');
  return { name: word.slice(0, 2), attached: word.length > 2 ? attached : undefined };
}

function findOption(name: string, path: readonly CommandSpec[]): OptionSpec | undefined {
  return optionsOf(path).find(
    ({ long, short, aliases = [] }) =>
      name === `--${long}` || name === `-${short}` || aliases.some((alias) => name === `--${alias}`),
  );
}

/** The words that are the option's values. Empty: an option follows, or nothing. */
function nextValues(option: OptionSpec, rest: string[], path: readonly CommandSpec[]): string[] {
  const first = nextValue(rest, path);
  if (first === undefined) return [];
  const more: string[] = [];
  const most = option.several ? Infinity : (option.takes ?? 1);
  while (more.length + 1 < most && rest.length > 0 && !isOption(rest[0]!)) more.push(rest.shift()!);
  return [first, ...more];
}

const wrongCount = (option: OptionSpec, count: number, path: readonly CommandSpec[]): UsageError =>
  new UsageError(
    `${option.takes} values required for '${optionName(option)}' but ${count} ${count === 1 ? 'was' : 'were'} provided`,
    usageLine(path),
  );

const isOption = (word: string): boolean => word.startsWith('-') && word !== '-';

/** The next word, unless it is an option. */
function nextValue(rest: string[], path: readonly CommandSpec[]): string | undefined {
  const next = rest[0];
  if (next === undefined) return undefined;
  if (isOption(next)) {
    const { name } = splitOption(next);
    const known = findOption(name, path) ?? ['--help', '-h', '--'].includes(name);
    if (!known) throw unexpected(name, path);
    return undefined;
  }
  return rest.shift();
}

function add(values: Map<string, string[]>, option: OptionSpec, value: string, path: readonly CommandSpec[]): void {
  const given = values.get(option.long);
  if (given && !option.repeatable) {
    throw new UsageError(`the argument '${optionName(option)}' cannot be used multiple times`, usageLine(path));
  }
  values.set(option.long, [...(given ?? []), value]);
}

/** Checks that need all options. */
function checkTogether(values: ReadonlyMap<string, unknown>, path: readonly CommandSpec[]): void {
  const options = path.at(-1)!.options;
  const named = (long: string) => optionName(options.find((option) => option.long === long)!);
  for (const option of options.filter(({ long }) => values.has(long))) {
    const rival = option.conflicts?.find((long) => values.has(long));
    if (rival) {
      throw new UsageError(
        `the argument '${optionName(option)}' cannot be used with '${named(rival)}'`,
        usageLine(path),
      );
    }
  }
  const missing = options.filter(
    ({ long, required }) =>
      !values.has(long) && (required || options.some((other) => values.has(other.long) && other.needs?.includes(long))),
  );
  if (missing.length) {
    const list = missing.map((option) => `\n  ${optionName(option)}`).join('');
    throw new UsageError(`the following required arguments were not provided:${list}`, usageLine(path));
  }
}

/** The name of the missing one of trailing words and their option. Throws UsageError when both are there. */
function eitherOr(
  values: ReadonlyMap<string, unknown>,
  words: readonly string[],
  path: readonly CommandSpec[],
): readonly string[] {
  const { trailing, trailingOr, options, positionals } = path.at(-1)!;
  const option = options.find(({ long }) => long === trailingOr);
  if (!trailing || !option) return [];
  const given = words.length > (positionals?.names.length ?? 0);
  if (!values.has(option.long)) return given ? [] : [`${trailing.name}|${optionName(option)}`];
  if (!given) return [];
  throw new UsageError(
    `the argument '${optionName(option)}' cannot be used with '[${trailing.name}]...'`,
    usageLine(path),
  );
}

function subcommand(path: readonly CommandSpec[], name: string): CommandSpec {
  const { subcommands = [] } = path.at(-1)!;
  const found = subcommands.find((command) => isCalled(command, name));
  if (found) return found;
  const meant = mostSimilar(
    name,
    subcommands.map((command) => command.name),
  );
  const tip = meant === null ? '' : `\n\n  tip: a similar subcommand exists: '${meant}'`;
  throw new UsageError(`unrecognized subcommand '${name}'${tip}`, usageLine(path));
}

const isCalled = ({ name, aliases = [] }: CommandSpec, word: string): boolean =>
  name === word || aliases.includes(word);

/** Options of the program that the command does not accept. `--strict-config` is valid everywhere. */
function refuseForeign(values: ReadonlyMap<string, unknown>, from: CommandSpec, path: readonly CommandSpec[]): void {
  const { options } = path.at(-1)!;
  const foreign = from.options.find(
    ({ long }) => values.has(long) && long !== STRICT_CONFIG.long && !options.some((option) => option.long === long),
  );
  if (foreign === PROFILE) {
    throw new StartError(
      '--profile only applies to commands that run something: `codexd exec`, `codexd review`, `codexd sandbox`',
    );
  }
  if (foreign)
    throw new UsageError(`the argument '${optionName(foreign)}' is not of '${path.at(-1)!.name}'`, usageLine(path));
}

/** `help a b`: the path to command a b. */
function descend(path: readonly CommandSpec[], names: readonly string[]): CommandSpec[] {
  const below = [...path];
  for (const name of names) {
    if (!below.at(-1)!.subcommands) throw new UsageError(`unrecognized subcommand '${name}'`, usageLine(below));
    below.push(subcommand(below, name));
  }
  return below;
}

function unexpected(name: string, path: readonly CommandSpec[]): UsageError {
  const known = optionsOf(path).map(({ long }) => long);
  const meant = name.startsWith('--') ? mostSimilar(name.slice(2), known) : null;
  const tip = meant === null ? '' : `\n\n  tip: a similar argument exists: '--${meant}'`;
  return new UsageError(`unexpected argument '${name}' found${tip}`, usageLine(path));
}
const possibleValues = ({ possible }: OptionSpec): string =>
  possible ? `\n  [possible values: ${possible.join(', ')}]` : '';
