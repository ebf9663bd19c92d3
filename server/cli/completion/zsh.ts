/** The completion script for zsh: either sourced, or a file `_codexd` on `fpath`. */
import { caseArms, quote } from './case-arms.js';
import type { CommandModel, ValueKind } from './command-model.js';

export function zshScript(models: readonly CommandModel[]): string {
  const arms = caseArms(models, reply);
  const lists = models.map(({ path, options, subcommands, words: own }) => {
    const commands = subcommands.flatMap(({ names, about }) => names.map((name) => described(name, about)));
    const flags = options.flatMap(({ names, about }) => names.map((name) => described(name, about)));
    const other = own === null || own === 'free' ? ':' : own === 'command' ? '_command_names -e; _files' : reply(own);
    return `    (${quote(path)})
      options=(${flags.join(' ')})
      commands=(${commands.join(' ')})
      if [[ $PREFIX != -* ]]; then ${other}; fi ;;`;
  });
  return `#compdef codexd
# Completion of codexd for zsh, made by \`codexd completion zsh\`.
_codexd() {
  local command=codexd skip= word previous i
  local -a options commands
  for ((i = 2; i < CURRENT; i++)); do
    word=$words[i]
    if [[ -n $skip ]]; then skip=; continue; fi
    case "$command,$word" in
${arms.words}
${arms.skipped}
    esac
  done
  previous=$words[CURRENT-1]
  # --option=value is one word here.
  if [[ $PREFIX == --*=* ]]; then previous=\${PREFIX%%=*}; compset -P '*='; fi
  case "$command,$previous" in
${arms.values}
  esac
  case "$command" in
${lists.join('\n')}
  esac
  if [[ $PREFIX == -* ]]; then _describe -o option options; else _describe command commands; fi
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _codexd "$@"; else compdef _codexd codexd; fi
`;
}

function reply(kind: ValueKind): string {
  if (kind === 'file') return '_files';
  if (kind === 'folder') return '_files -/';
  return kind === 'free' ? ':' : `compadd -- ${kind.map(quote).join(' ')}`;
}

/** `name:description`. A colon in the name needs an escape, because a colon ends the name. */
const described = (name: string, about: string): string => quote(`${name.replaceAll(':', '\\:')}:${about}`);
