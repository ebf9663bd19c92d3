import t from 'tap';
import { readArguments } from '../../../server/cli/options/command-line.js';
import { LAUNCH_FOLDERS } from '../../../server/cli/options/launch-folders.js';

const read = (...words: string[]) =>
  readArguments({ name: 'codexd', about: '', options: LAUNCH_FOLDERS, run: () => 0 }, words);
const refused = (words: string[], message: string | RegExp): void => {
  t.throws(() => read(...words), { message }, words.join(' '));
};

t.test('each takes three values, and may be repeated', (t) => {
  const parsed = read('--mcp-launch-cwd', 's', '/e', '/d', '--plugin-mcp-launch-cwd', 'p@m', 's', '/d');
  t.match(parsed, { command: { trailing: [] } });
  read('--mcp-launch-cwd', 's', '/e', '/d', '--mcp-launch-cwd', 's', '/e', '/d');
  const name = "'--mcp-launch-cwd <SERVER> <EXECUTABLE> <DIRECTORY>'";
  refused(['--mcp-launch-cwd', 's', '/e'], new RegExp(`^3 values required for ${name} but 2 were provided`));
  refused(['--mcp-launch-cwd=s', '/e', '/d'], new RegExp(`^3 values required for ${name} but 1 was provided`));
  refused(['--mcp-launch-cwd', 's', '/e', '/d', 'x'], /unexpected argument 'x' found/);
  t.end();
});

t.test('values are checked as in the official program', (t) => {
  refused(['--mcp-launch-cwd', 's', 'e', '/d'], 'path is not absolute: e');
  refused(['--mcp-launch-cwd', 's', '/e', 'd'], 'path is not absolute: d');
  refused(['--mcp-launch-cwd', '', '/e', '/d'], 'server name must be nonempty UTF-8');
  const plugin = (id: string, message: string, folder = '/d'): void =>
    refused(['--plugin-mcp-launch-cwd', id, 's', folder], message);
  plugin('p', 'invalid plugin key `p`; expected <plugin>@<marketplace>');
  plugin('@m', 'invalid plugin key `@m`; expected <plugin>@<marketplace>');
  plugin('p@', 'invalid plugin key `p@`; expected <plugin>@<marketplace>');
  plugin('p@m@q', 'invalid plugin name: only ASCII letters, digits, `.`, `_`, and `-` are allowed in `p@m@q`');
  plugin('p@m', 'path is not absolute: d', 'd');
  t.end();
});
