/** `--strict-config` of `exec` and `chat`. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { assertStrictConfig } from '../../../server/cli/exec/assert-strict.js';
import { execOptions } from '../../../server/cli/exec/exec-options.js';
import { readArguments } from '../../../server/cli/options/command-line.js';
import { CODEXD } from '../../../server/cli/program.js';

t.test('an unknown key is refused with the option only', async (t) => {
  const home = t.testdir({ 'config.toml': '' });
  process.env.CODEX_HOME = home;
  const check = async (...args: string[]) => {
    const found = readArguments(CODEXD, ['chat', '-C', home, ...args]);
    if (!('command' in found)) throw new Error('help');
    return assertStrictConfig(execOptions(found.command, 'attach'), found.command);
  };
  await t.resolves(check('--strict-config'));
  fs.writeFileSync(path.join(home, 'config.toml'), 'no_such_key = 1\n');
  await t.resolves(check());
  await t.rejects(check('--strict-config'), { message: /no_such_key/ });
});
