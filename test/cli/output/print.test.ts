import { once } from 'node:events';
import path from 'node:path';
import t from 'tap';
import { packageRoot } from '../../../server/package/package-root.js';
import { startChild } from '../../fixtures/programs.js';

t.test('a reader that closes the pipe early is not an error', async (t) => {
  const args = [path.join(packageRoot(), 'bin', 'codexd.cjs'), 'config', 'schema'];
  const child = startChild(process.execPath, args, { env: { CODEX_HOME: t.testdir() } });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  // The schema is larger than a pipe holds, so there is more to write when the reader goes.
  child.stdout.once('data', () => child.stdout.destroy());
  const [code] = (await once(child, 'close')) as [number | null];
  t.equal(stderr, '');
  t.equal(code, 0);
});
