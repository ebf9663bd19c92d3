/** The completion script for fish 3.0 and later. */
import type { CommandModel, OptionModel, ValueKind } from './command-model.js';

export function fishScript(models: readonly CommandModel[]): string {
  const steps = models.flatMap(({ path, subcommands }) =>
    subcommands.map(
      ({ names, path: to }) =>
        `      case ${names.map((name) => quote(`${path},${name}`)).join(' ')}\n        set command ${quote(to)}`,
    ),
  );
  const skipped = models.flatMap(({ path, options }) =>
    options.flatMap(({ names, value }) => (value === null ? [] : names.map((name) => quote(`${path},${name}`)))),
  );
  const lines = models.flatMap((model) => {
    const here = `complete -c codexd -n ${quote(`__codexd_at ${quote(model.path)}`)}`;
    return [
      ...model.subcommands.flatMap(({ names, about }) =>
        names.map((name) => `${here} -a ${quote(name)} -d ${quote(about)}`),
      ),
      ...wordsLines(here, model.words),
      ...model.options.map((option) => `${here}${optionWords(option)} -d ${quote(option.about)}`),
    ];
  });
  return `# Completion of codexd for fish, made by \`codexd completion fish\`.
function __codexd_at
  set -l command codexd
  set -l skip 0
  set -l given (commandline -opc)
  for word in $given[2..-1]
    if test $skip = 1
      set skip 0
      continue
    end
    switch "$command,$word"
${steps.join('\n')}
      case ${skipped.join(' ')}
        set skip 1
    end
  end
  test "$command" = "$argv[1]"
end
complete -c codexd -f
${lines.join('\n')}
`;
}

function wordsLines(here: string, words: CommandModel['words']): string[] {
  if (words === null || words === 'free') return [];
  if (words === 'file') return [`${here} -F`];
  if (words === 'folder') return [`${here} -a '(__fish_complete_directories)'`];
  if (words === 'command') return [`${here} -a '(__fish_complete_command)'`, `${here} -F`];
  return [`${here} -a ${quote(words.join(' '))}`];
}

function optionWords({ names, value }: OptionModel): string {
  const spelled = names
    .map((name) => (name.startsWith('--') ? ` -l ${name.slice(2)}` : ` -s ${name.slice(1)}`))
    .join('');
  return spelled + (value === null ? '' : valueWords(value));
}

function valueWords(kind: ValueKind): string {
  if (kind === 'file') return ' -r -F';
  if (kind === 'folder') return " -x -a '(__fish_complete_directories)'";
  return kind === 'free' ? ' -x' : ` -x -a ${quote(kind.join(' '))}`;
}

const quote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
