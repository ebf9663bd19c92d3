import t from 'tap';
import { readArguments } from '../../../server/cli/options/command-line.js';
import { CODEXD } from '../../../server/cli/program.js';

const read = (...args: string[]) => readArguments(CODEXD, ['windows-sandbox-setup', ...args]);

t.ok('command' in read());
t.ok('command' in read('--remove', '--elevate'));
t.ok('command' in read('--mode', 'unelevated', '--json', '-C', 'C:\\work'));
t.throws(() => read('--mode', 'mxc'), { code: 'cli.usage' });
t.throws(() => read('more'), { code: 'cli.usage' });
