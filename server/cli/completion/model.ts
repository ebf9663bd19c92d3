/** What shells need to know of the command line, taken from the specs of the commands. */
import { GLOBAL_OPTIONS, type CommandSpec, type OptionSpec } from '../options/command-spec.js';

/** How a value is completed. */
export type ValueKind = 'file' | 'folder' | 'free' | readonly string[];

export interface OptionModel {
  /** Every way to write it, with the dashes. */
  readonly names: readonly string[];
  readonly about: string;
  /** Null: a flag. */
  readonly value: ValueKind | null;
}

export interface CommandModel {
  /** The words from the program on, by their first names: `codexd exec resume`. */
  readonly path: string;
  readonly options: readonly OptionModel[];
  readonly subcommands: readonly { readonly names: readonly string[]; readonly about: string; readonly path: string }[];
  /** What stands for itself: words of another program's, or the command's own. */
  readonly words: ValueKind | 'command' | null;
}

/** Every command, outermost first. */
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

/** By what stands for the value in help: a folder, a file, or anything. */
function kindOf(name: string): ValueKind {
  if (/^(DIR|FOLDER)$/.test(name)) return 'folder';
  return /(^|_)(FILE|PATH|BIN)$/.test(name) ? 'file' : 'free';
}

/** Short enough for a list beside the word. */
function firstSentence(text: string): string {
  const [first = ''] = text.split(/(?<=[.:;])\s|\n/);
  return first.replace(/[.:;]$/, '').slice(0, 100);
}
