/** The command line as completion scripts need it, derived from the command specs. */
import { GLOBAL_OPTIONS, type CommandSpec, type OptionSpec } from '../options/command-spec.js';

/** How a shell completes a value. */
export type ValueKind = 'file' | 'folder' | 'free' | readonly string[];

export interface OptionModel {
  /** Every spelling of the option, dashes included. */
  readonly names: readonly string[];
  readonly about: string;
  /** Null: the option is a flag without a value. */
  readonly value: ValueKind | null;
}

export interface CommandModel {
  /** The command's path, by first names, with the program: `codexd exec resume`. */
  readonly path: string;
  readonly options: readonly OptionModel[];
  readonly subcommands: readonly { readonly names: readonly string[]; readonly about: string; readonly path: string }[];
  /** How a shell completes words that are not options. `command`: the command line of another program. */
  readonly words: ValueKind | 'command' | null;
}

/** Every command, parents before children. */
export function commandModels(root: CommandSpec): CommandModel[] {
  const models: CommandModel[] = [];
  const add = (spec: CommandSpec, path: string): void => {
    const below = (spec.subcommands ?? []).map((command) => ({
      names: [command.name, ...(command.aliases ?? [])],
      about: command.about,
      path: `${path} ${command.name}`,
    }));
    models.push({
      path,
      options: [...spec.options, ...GLOBAL_OPTIONS, HELP].flatMap((option) =>
        option.unsupported === undefined ? [optionModel(option)] : [],
      ),
      subcommands: below,
      words: wordsOf(spec),
    });
    for (const command of spec.subcommands ?? []) add(command, `${path} ${command.name}`);
  };
  add(root, root.name);
  return models;
}

const HELP: OptionSpec = { long: 'help', short: 'h', help: 'Print help' };

const optionModel = (option: OptionSpec): OptionModel => ({
  names: [
    `--${option.long}`,
    ...(option.aliases ?? []).map((alias) => `--${alias}`),
    ...(option.short === undefined ? [] : [`-${option.short}`]),
  ],
  about: firstSentence(option.help),
  value: option.value === undefined ? null : (option.possible ?? kindOf(option.value)),
});

function wordsOf({ positionals, trailing }: CommandSpec): CommandModel['words'] {
  if (trailing !== undefined) return 'command';
  if (positionals === undefined) return null;
  return positionals.possible ?? kindOf(positionals.names[0] ?? '');
}

/** Derived from the placeholder of the value in help: a folder, a file, or any text. */
function kindOf(name: string): ValueKind {
  if (/^(DIR|FOLDER)$/.test(name)) return 'folder';
  return /(^|_)(FILE|PATH|BIN)$/.test(name) ? 'file' : 'free';
}

/** Short enough for a list beside the word. */
function firstSentence(text: string): string {
  const [first = ''] = text.split(/(?<=[.:;])\s|\n/);
  return first.replace(/[.:;]$/, '').slice(0, 100);
}
