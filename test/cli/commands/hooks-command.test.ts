/** The arguments of `codexd hooks`: at most one key, and a yes or its opposite. */
import t from 'tap';
import { readArguments } from '../../../server/cli/options/command-line.js';
import { CODEXD } from '../../../server/cli/program.js';

const read = (...args: string[]) => {
  const found = readArguments(CODEXD, ['hooks', ...args]);
  return 'command' in found ? found.command.trailing : null;
};

t.same(read('list', '--json'), []);
t.same(read('trust'), []);
t.same(read('trust', '-y', '/home/config.toml:stop:0:0'), ['/home/config.toml:stop:0:0']);
t.throws(() => read('trust', 'a', 'b'), { code: 'cli.usage' });
t.throws(() => read('trust', '--yes', '--revoke'), { code: 'cli.usage' });
t.throws(() => read('list', 'a'), { code: 'cli.usage' });
