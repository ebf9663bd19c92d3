import path from 'node:path';
import t from 'tap';
import { helperCommand, isSingleExecutable, runHelper } from '../../server/package/helper-command.js';
import { packageRoot } from '../../server/package/package-root.js';

t.test('Node runs the bundle of a helper', async (t) => {
  t.equal(isSingleExecutable(), false);
  t.strictSame(helperCommand('sandbox-runner'), [
    process.execPath,
    path.join(packageRoot(), 'dist', 'sandbox-runner.cjs'),
  ]);
});

t.test('a single executable runs it by its hidden subcommand', async (t) => {
  const [file, ...words] = helperCommand('sandbox-runner', true);
  t.equal(file, process.execPath);
  t.strictSame(words, ['--codexd-helper', 'sandbox-runner']);
});

t.test('other words ask for no helper', async (t) => {
  for (const words of [[], ['app-server'], ['--codexd-helper'], ['--codexd-helper', '../evil']])
    t.equal(runHelper(words), false);
});
