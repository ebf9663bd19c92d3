/**
 * `codexd record FILE COMMAND`: runs another command of this program and records the models' responses in a cassette.
 */
import path from 'node:path';
import { readArguments } from '../options/command-line.js';
import type { CommandSpec } from '../options/command-spec.js';
import { print } from '../output/print.js';
import { UsageError } from '../options/usage-error.js';

/** The commands that call models, and that can therefore be recorded. */
const RECORDED = ['app-server', 'exec'];

/** `root`: the program whose command line follows the file. */
export const recordCommand = (root: () => CommandSpec): CommandSpec => ({
  name: 'record',
  about: 'Run app-server or exec, and record what models say in a file',
  details:
    'The file is a cassette: a provider with `wire_api = "replay"` and `cassette = "FILE"` plays it again, without a key and without a network. It is made anew and holds what was said, readable by you alone. Example: codexd record turn.cassette exec "say hello"',
  options: [],
  trailing: {
    name: 'FILE COMMAND',
    help: 'The cassette, then `app-server` or `exec` with its own arguments (default: app-server)',
  },
  run: async ({ trailing, globals }) => {
    const [file, ...rest] = trailing;
    if (file === undefined) throw new UsageError('the following required arguments were not provided:\n  <FILE>');
    const words = rest.length === 0 ? ['app-server'] : rest;
    const found = readArguments(root(), words);
    if (!('command' in found)) {
      print(found.print);
      return 0;
    }
    const { command } = found;
    if (!RECORDED.includes(command.path[0] ?? '')) {
      throw new UsageError(`\`codexd record\` runs ${RECORDED.join(' or ')}, not '${command.path.join(' ')}'`);
    }
    const recordTo = path.resolve(file);
    const { openCassette } = await import('../options/named-file.js');
    openCassette(recordTo).close(); // Fail here, before `exec` starts a server.
    return command.spec.run!({ ...command, globals: [...globals, ...command.globals], recordTo });
  },
});
