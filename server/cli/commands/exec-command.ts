/**
 * `codexd exec`: one turn without a person, from the shell. The flags are the reference's
 * (docs/protocol/services.md §9).
 */
import type { CommandSpec, OptionSpec, ParsedCommand } from '../options/command-spec.js';
import { CONTINUING_OPTIONS, EXEC_OPTIONS } from '../options/exec-command-options.js';

const REVIEWED: readonly OptionSpec[] = [
  {
    long: 'uncommitted',
    conflicts: ['base', 'commit'],
    help: 'Review what is not committed: staged, unstaged and new files',
  },
  {
    long: 'base',
    value: 'BRANCH',
    nonEmpty: true,
    conflicts: ['commit'],
    help: 'Review the changes against this branch',
  },
  { long: 'commit', value: 'SHA', nonEmpty: true, help: 'Review the changes of this commit' },
  { long: 'title', value: 'TITLE', needs: ['commit'], help: "The commit's title, for the summary" },
];

const LAST: OptionSpec = { long: 'last', help: 'The newest session, so that only a prompt is given' };
const ALL: OptionSpec = { long: 'all', help: 'With --last: of any folder, not only this one' };

const run = (kind: 'start' | 'resume' | 'fork' | 'review') => async (parsed: ParsedCommand) =>
  (await import('../exec/index.js')).runExec(kind, parsed);

const continued = (name: 'resume' | 'fork', about: string): CommandSpec => ({
  name,
  about,
  options: [...CONTINUING_OPTIONS, LAST, ALL],
  positionals: {
    names: ['SESSION_ID', 'PROMPT'],
    help: 'The id or the name of the session, and the prompt; `-` reads it from standard input',
  },
  run: run(name),
});

/** A command of the program itself, and a subcommand of `exec`. */
export const REVIEW: CommandSpec = {
  name: 'review',
  about: 'Review the changes of this repository',
  options: [...EXEC_OPTIONS.filter(({ long }) => long !== 'image'), ...REVIEWED],
  positionals: {
    names: ['PROMPT'],
    help: 'What to look at, instead of --uncommitted, --base or --commit; `-` reads it from standard input',
  },
  run: run('review'),
};

export const EXEC: CommandSpec = {
  name: 'exec',
  aliases: ['e'],
  about: 'Run one turn without a person, and print what comes of it',
  details:
    'Nobody can be asked: what would need an approval is refused, and the model is told so. Exit code 0: the turn ended, whatever its commands did. 1: it failed.',
  options: EXEC_OPTIONS,
  positionals: {
    names: ['PROMPT'],
    help: 'What to do. Without it, or with `-`, it is read from standard input; what is piped in beside it is appended to it',
  },
  handsOptionsDown: true,
  subcommands: [
    continued('resume', 'Go on with an earlier session'),
    continued('fork', 'Go on with a copy of an earlier session'),
    REVIEW,
  ],
  run: run('start'),
};
