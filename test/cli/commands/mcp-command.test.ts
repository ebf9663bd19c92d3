/** The arguments of `codexd mcp add`: one word for the name, then the command line of the server as it is. */
import t from 'tap';
import { readArguments } from '../../../server/cli/options/command-line.js';
import { CODEXD } from '../../../server/cli/program.js';

const read = (...args: string[]) => {
  const found = readArguments(CODEXD, ['mcp', 'add', ...args]);
  return 'command' in found ? found.command : undefined;
};

for (const [args, words] of [
  [
    ['n', '--', 'e', '-h', '--', '--url'],
    ['n', 'e', '-h', '--', '--url'],
  ],
  [
    ['n', 'e', '--env', 'A=1'],
    ['n', 'e', '--env', 'A=1'],
  ],
  [
    ['--', 'n', '--', 'e'],
    ['n', '--', 'e'],
  ],
  [
    ['help', 'help'],
    ['help', 'help'],
  ],
  [['n', '--url', 'u'], ['n']],
] as const) {
  t.strictSame(read(...args)?.trailing, words, args.join(' '));
}

const USAGE = 'codexd mcp add [OPTIONS] <NAME> (--url <URL> | -- <COMMAND>...)';
const MISSING = 'the following required arguments were not provided:\n  <COMMAND|--url <URL>>';
for (const [args, message, usage] of [
  [[], `${MISSING}\n  <NAME>`, USAGE],
  [['a'], MISSING, USAGE],
  [['a', '--'], MISSING, USAGE],
  [['a', '--url', 'u', '--', 'e'], "the argument '--url <URL>' cannot be used with '[COMMAND]...'", USAGE],
  [['a', '--url', 'u', '--url', 'v'], "the argument '--url <URL>' cannot be used multiple times", USAGE],
  ...['A', '=1', '', ' =1'].map(
    (entry) =>
      [
        ['a', '--env', entry, '--', 'e'],
        `invalid value '${entry}' for '--env <KEY=VALUE>': environment entries must be in KEY=VALUE form`,
        null,
      ] as const,
  ),
] as const) {
  t.throws(() => read(...args), { message, usage }, args.join(' '));
}
