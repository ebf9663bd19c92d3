import path from 'node:path';
import t from 'tap';
import { packageRoot } from '../../../server/package/package-root.js';
import { startDaemon } from '../../fixtures/daemon.js';
import { runToEnd } from '../../fixtures/programs.js';

t.test('codexd console prints a fresh link of a running daemon, or says why there is none', async (t) => {
  const daemon = await startDaemon({ args: ['--listen', 'unix://', '--console'] });
  t.teardown(() => daemon.stop());
  const env = { ...process.env, CODEX_HOME: daemon.home };
  const codexd = (...args: string[]) =>
    runToEnd(process.execPath, [path.join(packageRoot(), 'bin', 'codexd.cjs'), 'console', ...args], { env });
  const link = /^http:\/\/127\.0\.0\.1:\d+\/#[\w-]{43}\n$/;
  const [first, second] = [codexd().stdout, codexd('--remote', daemon.url).stdout];
  t.match(first, link);
  t.match(second, link);
  t.not(first, second);
  t.match(codexd('--remote', 'unix:///nowhere/socket'), { exitCode: 1, stderr: /^Error: failed to connect/ });
});
