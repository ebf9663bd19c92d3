import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { EXEC } from '../../../server/cli/commands/exec-command.js';
import { readArguments } from '../../../server/cli/options/command-line.js';
import { modelOfRun } from '../../../server/cli/exec/model-of-run.js';
import { temporaryFolder } from '../../rpc/support.js';

const asked = (...args: readonly string[]) => {
  const found = readArguments(EXEC, args);
  if (!('command' in found)) throw new Error('help was not asked for');
  return found.command;
};

t.test('what was said for this run names the model; config.toml does not', async (t) => {
  const home = temporaryFolder(t);
  fs.writeFileSync(path.join(home, 'config.toml'), 'model = "of-the-user"\n');
  fs.writeFileSync(path.join(home, 'fast.config.toml'), 'model = "of-the-profile"\n');
  fs.writeFileSync(path.join(home, 'other.config.toml'), 'model_reasoning_effort = "low"\n');
  const before = process.env['CODEX_HOME'];
  process.env['CODEX_HOME'] = home;
  t.teardown(() => {
    if (before === undefined) delete process.env['CODEX_HOME'];
    else process.env['CODEX_HOME'] = before;
  });
  const model = (...args: readonly string[]): string | null => modelOfRun(asked(...args), home);
  t.equal(model('x'), null);
  t.equal(model('-p', 'fast', 'x'), 'of-the-profile');
  t.equal(model('-p', 'other', 'x'), null, 'a profile that says nothing of it');
  t.equal(model('-c', 'model=of-the-flag', 'x'), 'of-the-flag');
  t.equal(model('-c', 'model=of-the-user', 'x'), 'of-the-user', 'the same word, said for this run');
  t.equal(model('-p', 'fast', '-c', 'model="of-the-flag"', 'x'), 'of-the-flag');
});
