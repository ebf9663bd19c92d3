/** The arms of `case` statements that bash and zsh share. Each pattern is `COMMAND,WORD`. */
import type { CommandModel, ValueKind } from './command-model.js';

export interface CaseArms {
  /** Enters a subcommand: sets `command` to its path. */
  readonly words: string;
  /** Of options with a value: sets `skip`, because the next word is the value. */
  readonly skipped: string;
  /** Replies with the values of an option, and returns. */
  readonly values: string;
}

/** `reply`: the statement that offers values of a kind. */
export function caseArms(models: readonly CommandModel[], reply: (kind: ValueKind) => string): CaseArms {
  const words = models.flatMap(({ path, subcommands }) =>
    subcommands.map(({ names, path: to }) => `      (${patterns(path, names)}) command=${quote(to)} ;;`),
  );
  const options = models.flatMap(({ path, options: own }) =>
    own.flatMap(({ names, value }) => (value === null ? [] : [{ pattern: patterns(path, names), value }])),
  );
  return {
    words: words.join('\n'),
    skipped: `      (${options.map(({ pattern }) => pattern).join('|')}) skip=1 ;;`,
    values: options.map(({ pattern, value }) => `    (${pattern}) ${reply(value)}; return ;;`).join('\n'),
  };
}

/** A text as one word of a shell. */
export const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const patterns = (path: string, names: readonly string[]): string =>
  names.map((name) => quote(`${path},${name}`)).join('|');
