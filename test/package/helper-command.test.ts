import path from 'node:path';
import t from 'tap';
import { helperCommand } from '../../server/package/helper-command.js';
import { packageRoot } from '../../server/package/package-root.js';

t.test('Node runs the bundle of a helper', async (t) => {
  t.strictSame(helperCommand('sandbox-runner', ['a']), [
    process.execPath,
    path.join(packageRoot(), 'dist', 'sandbox-runner.cjs'),
    'a',
  ]);
});
