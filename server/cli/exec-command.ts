/** `codexd exec`: one turn without a person, from the shell. The flags are the reference's (spec/services.md §9). */
import type { CommandSpec, OptionSpec, ParsedCommand } from './command-spec.js';
import { STRICT_CONFIG } from './command-spec.js';

const OPTIONS: readonly OptionSpec[] = [
  { long: 'json', help: 'Print events to standard output, one JSON object a line' },
  { long: 'experimental-json', help: 'The older name of --json' },
  {
    long: 'output-last-message',
    short: 'o',
    value: 'FILE',
    nonEmpty: true,
    help: "Write the model's last message to this file",
  },
  {
    long: 'output-schema',
    value: 'FILE',
    nonEmpty: true,
    help: 'A JSON Schema that the last message must fulfil',
  },
  {
    long: 'image',
    short: 'i',
    value: 'FILE',
    repeatable: true,
    nonEmpty: true,
    help: 'An image that goes with the prompt',
  },
  { long: 'model', short: 'm', value: 'MODEL', nonEmpty: true, help: 'The model to ask' },
  { long: 'oss', help: 'Use a model of this machine: Ollama, or what --local-provider names' },
  {
    long: 'local-provider',
    value: 'PROVIDER',
    possible: ['lmstudio', 'ollama'],
    help: 'Which provider --oss stands for (default: `oss_provider` of the configuration, else ollama)',
  },
  {
    long: 'sandbox',
    short: 's',
    value: 'MODE',
    possible: ['read-only', 'workspace-write', 'danger-full-access'],
    conflicts: ['dangerously-bypass-approvals-and-sandbox'],
    help: 'What commands of the model may do (default: what the configuration says)',
  },
  {
    long: 'full-auto',
    conflicts: ['dangerously-bypass-approvals-and-sandbox', 'sandbox'],
    help: 'The older way to say --sandbox workspace-write',
  },
  {
    long: 'dangerously-bypass-approvals-and-sandbox',
    aliases: ['yolo'],
    help: 'Run commands without a sandbox. Only where something else holds them: a container, a virtual machine',
  },
  {
    long: 'ask-for-approval',
    short: 'a',
    value: 'POLICY',
    possible: ['untrusted', 'on-failure', 'on-request', 'never'],
    help: 'Accepted for compatibility: nobody can be asked, so that it is always `never`',
  },
  { long: 'cd', short: 'C', value: 'DIR', nonEmpty: true, help: 'The folder to work in (default: this one)' },
  {
    long: 'add-dir',
    value: 'DIR',
    repeatable: true,
    nonEmpty: true,
    help: 'Another folder that may be written to where the workspace may',
  },
  { long: 'skip-git-repo-check', help: 'Work in a folder that is neither in a Git repository nor trusted' },
  { long: 'ephemeral', help: 'Keep nothing of the session on disk' },
  {
    long: 'color',
    value: 'COLOR',
    possible: ['always', 'never', 'auto'],
    help: 'Accepted for compatibility: output has no colors',
  },
  STRICT_CONFIG,
];

/** Those that the program itself takes, in front of `exec`. */
const BEFORE: readonly string[] = [
  'image',
  'model',
  'oss',
  'local-provider',
  'sandbox',
  'dangerously-bypass-approvals-and-sandbox',
  'ask-for-approval',
  'cd',
  'add-dir',
];
export const OPTIONS_BEFORE_EXEC: readonly OptionSpec[] = OPTIONS.filter(({ long }) => BEFORE.includes(long));

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
  (await import('./exec/index.js')).runExec(kind, parsed);

const continued = (name: 'resume' | 'fork', about: string): CommandSpec => ({
  name,
  about,
  options: [...OPTIONS, LAST, ALL],
  positionals: {
    names: ['SESSION_ID', 'PROMPT'],
    help: 'The id or the name of the session, and the prompt; `-` reads it from standard input',
  },
  run: run(name),
});

export const EXEC: CommandSpec = {
  name: 'exec',
  aliases: ['e'],
  about: 'Run one turn without a person, and print what comes of it',
  details:
    'Nobody can be asked: what would need an approval is refused, and the model is told so. Exit code 0: the turn ended, whatever its commands did. 1: it failed.',
  options: OPTIONS,
  positionals: {
    names: ['PROMPT'],
    help: 'What to do. Without it, or with `-`, it is read from standard input; what is piped in beside it is appended to it',
  },
  handsOptionsDown: true,
  subcommands: [
    continued('resume', 'Go on with an earlier session'),
    continued('fork', 'Go on with a copy of an earlier session'),
    {
      name: 'review',
      about: 'Review the changes of this repository',
      options: [...OPTIONS.filter(({ long }) => long !== 'image'), ...REVIEWED],
      positionals: {
        names: ['PROMPT'],
        help: 'What to look at, instead of --uncommitted, --base or --commit; `-` reads it from standard input',
      },
      run: run('review'),
    },
  ],
  run: run('start'),
};
