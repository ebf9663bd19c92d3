/** `codexd threads` and the reference's names for the same commands: the sessions of this Codex home. */
import type { CommandSpec, OptionSpec, ParsedCommand } from '../options/command-spec.js';
import { REMOTE } from '../options/remote-options.js';

const JSON_OUT: OptionSpec = { long: 'json', help: 'Print JSON instead of text, as the protocol has it' };
const SESSION = {
  names: ['SESSION'],
  required: 1,
  help: 'The id of the session, the beginning of one, or a name',
};

type Work = 'list' | 'show' | 'archive' | 'unarchive' | 'delete' | 'queue';
const run = (work: Work) => async (parsed: ParsedCommand) =>
  (await import('../threads/index.js')).runThreads(work, parsed);

const moved = (work: 'archive' | 'unarchive', about: string): CommandSpec => ({
  name: work,
  about,
  options: REMOTE,
  positionals: SESSION,
  run: run(work),
});
const ARCHIVE = moved('archive', 'Put a session away: it is kept, and no longer listed');
const UNARCHIVE = moved('unarchive', 'Take a session back out of the archive');

const DELETE: CommandSpec = {
  name: 'delete',
  about: 'Delete a session for good',
  options: [
    { long: 'yes', short: 'y', help: 'Do not ask' },
    { long: 'force', help: 'Do not ask; the session has to be named by its whole id' },
    ...REMOTE,
  ],
  positionals: SESSION,
  run: run('delete'),
};

export const THREADS: CommandSpec = {
  name: 'threads',
  aliases: ['sessions'],
  about: 'List, show, archive and delete sessions',
  options: [],
  subcommands: [
    {
      name: 'list',
      about: 'List sessions, the newest first',
      options: [
        JSON_OUT,
        { long: 'cwd', value: 'DIR', nonEmpty: true, help: 'Only those that work in this folder' },
        { long: 'archived', help: 'Those in the archive, instead of the others' },
        { long: 'search', value: 'TEXT', nonEmpty: true, help: 'Only those whose name or beginning has this in it' },
        {
          long: 'limit',
          short: 'n',
          value: 'NUMBER',
          check: (value) => (/^\d{1,6}$/.test(value) ? undefined : 'a number is expected; 0 lists all'),
          help: 'How many at most (default: 50); 0 lists all',
        },
        ...REMOTE,
      ],
      run: run('list'),
    },
    {
      name: 'show',
      about: 'Show a session: where it works, and what was said in it',
      options: [JSON_OUT, ...REMOTE],
      positionals: SESSION,
      run: run('show'),
    },
    ARCHIVE,
    UNARCHIVE,
    DELETE,
  ],
};

/** The reference's names. */
export const SESSION_COMMANDS: readonly CommandSpec[] = [
  ARCHIVE,
  UNARCHIVE,
  DELETE,
  {
    name: 'queue',
    about: 'Leave a message for a session, to be taken up when its turn is over',
    options: [
      {
        long: 'thread',
        value: 'THREAD',
        required: true,
        nonEmpty: true,
        help: 'The session: an id, its beginning, or a name',
      },
      { long: 'message', value: 'TEXT', required: true, nonEmpty: true, help: 'What to say' },
      ...REMOTE,
    ],
    run: run('queue'),
  },
];
