/** The manual page codexd(1), in the macros of man(7). */
import { ENVIRONMENT, environmentOf, examplesOf } from '../options/command-examples.js';
import { GLOBAL_OPTIONS, type CommandSpec, type OptionSpec } from '../options/command-spec.js';
import { optionName, usageLine } from '../options/help.js';

export function manPage(root: CommandSpec, version: string): string {
  return [
    `.TH CODEXD 1 "" "codexd ${plain(version)}" "User Commands"`,
    '.SH NAME',
    `codexd \\- ${plain(root.about)}`,
    '.SH SYNOPSIS',
    '.B codexd',
    `.RI [ OPTIONS ]\n.I COMMAND`,
    '.SH DESCRIPTION',
    plain(
      'codexd serves the Codex app-server protocol to editors and tools, and runs single turns and single commands in its sandbox, behind one network policy. The commands are described below, with the options that each takes.',
    ),
    '.SH COMMON OPTIONS',
    plain('Every command takes these.'),
    ...GLOBAL_OPTIONS.flatMap(optionEntry),
    '.SH COMMANDS',
    ...describe([root]),
    '.SH ENVIRONMENT',
    ...Object.entries(ENVIRONMENT).flatMap(([name, about]) => ['.TP', `.B ${plain(name)}`, plain(about)]),
    '.SH EXIT STATUS',
    ...[
      ['0', 'What was asked for is done.'],
      ['1', 'It failed; standard error says why.'],
      ['2', 'The command line was written wrongly.'],
      ['130', 'A turn of codexd exec was interrupted.'],
    ].flatMap(([code = '', what = '']) => ['.TP', `.B ${code}`, plain(what)]),
    plain('codexd sandbox ends with the exit code of its command.'),
    '.SH FILES',
    ...[
      ['$CODEX_HOME/config.toml', 'The configuration; docs/configuration.md describes it.'],
      ['$CODEX_HOME/NAME.config.toml', 'A configuration profile, for --profile NAME.'],
      ['$CODEX_HOME/rules/*.rules', 'Rules about commands and hosts.'],
      ['/etc/codex/requirements.toml', 'What the administrator of the machine demands.'],
    ].flatMap(([file = '', what = '']) => ['.TP', `.I ${plain(file)}`, plain(what)]),
    '',
  ].join('\n');
}

/** The subcommands of the path's last command, each followed by its own subcommands. */
function describe(path: readonly CommandSpec[]): string[] {
  return (path.at(-1)?.subcommands ?? []).flatMap((command) => {
    const at = [...path, command];
    const words = at.slice(1).map(({ name }) => name);
    const needs = environmentOf(words);
    return [
      `.SS ${plain(at.map(({ name }) => name).join(' '))}`,
      plain(`${command.about}.`),
      ...(command.details === undefined ? [] : ['.PP', plain(command.details)]),
      '.PP',
      `.B ${plain(usageLine(at))}`,
      ...(command.positionals === undefined
        ? []
        : ['.TP', `.I ${plain(command.positionals.names.join(' '))}`, plain(command.positionals.help)]),
      ...(command.trailing === undefined
        ? []
        : ['.TP', `.I ${plain(command.trailing.name)}`, plain(command.trailing.help)]),
      ...command.options.flatMap(optionEntry),
      ...examplesOf(words).flatMap(({ line, what }) => ['.PP', plain(`${what}:`), '.IP', `.B ${plain(line)}`]),
      ...(needs.length === 0 ? [] : ['.PP', plain(`Environment: ${needs.join(', ')}.`)]),
      ...describe(at),
    ];
  });
}

function optionEntry(option: OptionSpec): string[] {
  const short = option.short === undefined ? '' : `-${option.short}, `;
  const possible = option.possible === undefined ? '' : ` Possible values: ${option.possible.join(', ')}.`;
  const help = option.unsupported === undefined ? option.help : `Not supported: ${option.unsupported}`;
  return ['.TP', `.B ${plain(`${short}${optionName(option)}`)}`, plain(`${help}.${possible}`)];
}

/** Escapes text so that the formatter finds no request in it. */
function plain(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('`', '\\(ga')
    .replaceAll('"', '\\(dq')
    .split('\n')
    .map((line) => line.replace(/^\./, '\\&.'))
    .join('\n');
}
