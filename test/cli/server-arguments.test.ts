import t from 'tap';
import { readArguments } from '../../server/cli/options/command-line.js';
import { CODEXD } from '../../server/cli/program.js';
import { readServerArguments } from '../../server/cli/server-arguments.js';

t.test('the short parser reads the app-server command line like the complete program', async (t) => {
  for (const words of [
    [],
    ['--listen', 'ws://127.0.0.1:0', '--listen', 'unix:///tmp/a.sock'],
    ['-c', 'model="x"', '--enable', 'a', '--strict-config'],
    ['--log-level=debug', '--log-format', 'json', '--config-profile', 'work'],
    ['proxy', '--sock', '/tmp/a.sock'],
    ['generate-ts', '--out', '/tmp/types', '-c', 'a=1'],
  ]) {
    const argv = ['app-server', ...words];
    t.same({ command: readServerArguments(argv) }, readArguments(CODEXD, argv), argv.join(' '));
  }
});

t.test('errors, help and other commands are left to the complete program', async (t) => {
  for (const argv of [
    [],
    ['--version'],
    ['-c', 'a=1', 'app-server'],
    ['exec', 'app-server'],
    ['app-server', '--help'],
    ['app-server', '--no-such-option'],
    ['app-server', '--listen', 'http://x'],
    ['app-server', 'no-such-command'],
    ['app-server', '--model', 'x'],
  ]) {
    t.equal(readServerArguments(argv), null, argv.join(' '));
  }
});
