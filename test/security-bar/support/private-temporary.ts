/**
 * The test's own temporary folders. Imported first, it runs the test file again in a mount namespace in which /tmp and
 * /var/tmp are empty. So every name that appears there comes from this test's programs.
 */
import { runToEnd } from '../../fixtures/programs.js';

const MARK = 'CODEXD_TEST_TEMPORARY';

if (process.env[MARK] === undefined) {
  const setUp = 'set -e; mount -t tmpfs tmp /tmp; mount -t tmpfs tmp /var/tmp; mkdir /var/tmp/T; exec "$@"';
  const again = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const { exitCode, failed, shortMessage } = runToEnd(
    'unshare',
    ['--user', '--map-root-user', '--mount', '--', 'sh', '-c', setUp, 'sh', ...again],
    { stdio: 'inherit', env: { TMPDIR: '/var/tmp/T', [MARK]: '1' } },
  );
  if (failed && exitCode === undefined)
    process.stderr.write(`temporary folders of the test’s own cannot be made: ${shortMessage}\n`);
  process.exit(exitCode ?? 1);
}
