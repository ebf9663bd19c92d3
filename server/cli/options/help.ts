/** Help texts, generated from the command's spec. */
import { documentation, ENVIRONMENT, environmentOf, examplesOf } from './command-examples.js';
import { GLOBAL_OPTIONS, type CommandSpec, type OptionSpec } from './command-spec.js';

/** The width of help text, and the column where the explanations of a list begin. */
const WIDTH = 100;
const INDENT = 10;

export function helpFor(path: readonly CommandSpec[]): string {
  const spec = path.at(-1)!;
  const options = optionsOf(path);
  const words = argumentLists(spec);
  const parts = [
    spec.about,
    ...(spec.details ? [wrap(spec.details, 0)] : []),
    `Usage: ${usageLine(path)}`,
    ...(spec.subcommands?.length ? [`Commands:\n${commandList(spec.subcommands)}`] : []),
    ...(words.length === 0 ? [] : [`Arguments:\n${words.join('\n\n')}`]),
    `Options:\n${[...options, ...BUILT_IN(path.length === 1)].map(describeOption).join('\n\n')}`,
  ];
  return `${[...parts, ...closing(path)].join('\n\n')}\n`;
}

/** The positional arguments and the trailing words, each with its explanation. */
function argumentLists(spec: CommandSpec): string[] {
  const { positionals, trailing } = spec;
  const listed = (names: readonly string[], help: string): string =>
    `${names.map((name) => `  ${name}\n`).join('')}${wrap(help, INDENT)}`;
  return [
    ...(positionals ? [listed(positionalNames(spec), positionals.help)] : []),
    ...(trailing ? [listed([`[${trailing.name}]...`], trailing.help)] : []),
  ];
}

/** Examples, environment variables, and where to read more. */
function closing(path: readonly CommandSpec[]): string[] {
  const words = path.slice(1).map(({ name }) => name);
  const examples = examplesOf(words);
  const needs = environmentOf(words);
  const width = Math.max(0, ...needs.map((name) => name.length));
  return [
    ...(examples.length === 0
      ? []
      : [`Examples:\n${examples.map(({ line, what }) => `  ${line}\n${wrap(what, INDENT)}`).join('\n')}`]),
    ...(needs.length === 0
      ? []
      : [
          `Environment:\n${needs.map((name) => hang(`  ${name.padEnd(width)}  `, ENVIRONMENT[name] ?? '')).join('\n')}`,
        ]),
    `Documentation: ${documentation()}`,
  ];
}

/** A term and its text. Further lines of the text are indented below the first line. */
function hang(term: string, text: string): string {
  return term + wrap(text, term.length).trimStart();
}

/** `codexd app-server [OPTIONS] [COMMAND]` */
export function usageLine(path: readonly CommandSpec[]): string {
  const spec = path.at(-1)!;
  if (spec.usage !== undefined) return [...path.map(({ name }) => name), '[OPTIONS]', spec.usage].join(' ');
  const required = spec.options.filter((option) => option.required).map(optionName);
  // No `[COMMAND]` beside free words: a subcommand's name is a free word unless it is the first word.
  const command =
    spec.subcommands?.length && !spec.trailing && !spec.positionals ? [spec.run ? '[COMMAND]' : '<COMMAND>'] : [];
  const positionals = positionalNames(spec);
  const trailing = spec.trailing ? [`[${spec.trailing.name}]...`] : [];
  return [...path.map(({ name }) => name), '[OPTIONS]', ...required, ...positionals, ...trailing, ...command].join(' ');
}

/** `<SESSION> [PROMPT]` */
const positionalNames = ({ positionals }: CommandSpec): string[] =>
  (positionals?.names ?? []).map((name, index) => (index < (positionals?.required ?? 0) ? `<${name}>` : `[${name}]`));

/** `--listen <URL>`, `--image <FILE>...` */
export const optionName = ({ long, value, several, takes }: OptionSpec): string =>
  value ? `--${long} ${placeholders(value, takes)}${several ? '...' : ''}` : `--${long}`;

const placeholders = (value: string, takes = 1): string =>
  takes === 1 ? `<${value}>` : value.replaceAll(/\S+/g, '<$&>');

export const optionsOf = (path: readonly CommandSpec[]): readonly OptionSpec[] => [
  ...path.at(-1)!.options,
  ...GLOBAL_OPTIONS,
];

const BUILT_IN = (root: boolean): OptionSpec[] => [
  { long: 'help', short: 'h', help: 'Print this help' },
  ...(root ? [{ long: 'version', short: 'V', help: 'Print the version' }] : []),
];

function commandList(commands: readonly CommandSpec[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length), 'help'.length);
  const others = ({ aliases }: CommandSpec): string => (aliases ? ` [aliases: ${aliases.join(', ')}]` : '');
  const rows = [
    ...commands.map((command) => [command.name, `${command.about}${others(command)}`]),
    ['help', 'Print help for a command'],
  ];
  return rows.map(([name, about]) => `  ${name!.padEnd(width)}  ${about}`).join('\n');
}

function describeOption(option: OptionSpec): string {
  const short = option.short ? `-${option.short}, ` : '    ';
  const possible = option.possible ? `\n${wrap(`Possible values: ${option.possible.join(', ')}`, INDENT)}` : '';
  const aliases = option.aliases
    ? `\n${wrap(`Also: ${option.aliases.map((name) => `--${name}`).join(', ')}`, INDENT)}`
    : '';
  const help = option.unsupported === undefined ? option.help : `Not supported: ${option.unsupported}`;
  return `  ${short}${optionName(option)}\n${wrap(help, INDENT)}${possible}${aliases}`;
}

function wrap(text: string, indent: number): string {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of paragraph.split(' ')) {
      if (line && indent + line.length + 1 + word.length > WIDTH) {
        lines.push(line);
        line = word;
      } else line = line ? `${line} ${word}` : word;
    }
    lines.push(line);
  }
  return lines.map((line) => (line ? ' '.repeat(indent) + line : '')).join('\n');
}
