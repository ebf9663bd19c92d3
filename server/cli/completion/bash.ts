/** The completion script for bash 3.2 and later. */
import { caseArms, quote } from './case-arms.js';
import type { CommandModel, ValueKind } from './command-model.js';

export function bashScript(models: readonly CommandModel[]): string {
  const arms = caseArms(models, reply);
  const lists = models.map(({ path, options, subcommands, words: own }) => {
    const names = [...subcommands.flatMap((command) => command.names), ...(Array.isArray(own) ? own : [])];
    const other = own === 'command' ? 'command' : own === 'file' || own === 'folder' ? own : 'none';
    return `    ${quote(path)}) options=${quote(options.flatMap((option) => option.names).join(' '))}; names=${quote(names.join(' '))}; words=${other} ;;`;
  });
  return `# Completion of codexd for bash, made by \`codexd completion bash\`.
_codexd() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
  local command=codexd skip= word options= names= words=none i
  COMPREPLY=()
  # bash makes words of their own of the equals signs in --option=value.
  if [ "$cur" = "=" ]; then cur=; elif [ "$prev" = "=" ]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [ -n "$skip" ]; then
      [ "$word" = "=" ] || skip=
      continue
    fi
    case "$command,$word" in
${arms.words}
${arms.skipped}
    esac
  done
  case "$command,$prev" in
${arms.values}
  esac
  case "$command" in
${lists.join('\n')}
  esac
  case "$cur" in
    -*) COMPREPLY=($(compgen -W "$options" -- "$cur")) ;;
    *)
      COMPREPLY=($(compgen -W "$names" -- "$cur"))
      case "$words" in
        command) COMPREPLY+=($(compgen -c -- "$cur") $(compgen -f -- "$cur")) ;;
        file) COMPREPLY+=($(compgen -f -- "$cur")) ;;
        folder) COMPREPLY+=($(compgen -d -- "$cur")) ;;
      esac
      ;;
  esac
}
complete -o bashdefault -F _codexd codexd
`;
}

function reply(kind: ValueKind): string {
  if (kind === 'file') return 'COMPREPLY=($(compgen -f -- "$cur"))';
  if (kind === 'folder') return 'COMPREPLY=($(compgen -d -- "$cur"))';
  return kind === 'free' ? 'COMPREPLY=()' : `COMPREPLY=($(compgen -W ${quote(kind.join(' '))} -- "$cur"))`;
}
