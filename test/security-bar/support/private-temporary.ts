/**
 * The test's own temporary folders. Imported first, it runs the test file again in a mount namespace in which /tmp and
 * /var/tmp are empty. So every name that appears there comes from this test's programs.
 */
import { spawnSync } from 'node:child_process';

const MARK = 'CODEXD_TEST_TEMPORARY';

if (process.env[MARK] === undefined) {
  const setUp = 'set -e; mount -t tmpfs tmp /tmp; mount -t tmpfs tmp /var/tmp; mkdir /var/tmp/T; exec "$@"';
  const again = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const { status, error } = spawnSync(
    'unshare',
    ['--user', '--map-root-user', '--mount', '--', 'sh', '-c', setUp, 'sh', ...again],
    { stdio: 'inherit', env: { ...process.env, TMPDIR: '/var/tmp/T', [MARK]: '1' } },
  );
  if (error) process.stderr.write(`temporary folders of the test’s own cannot be made: ${error.message}\n`);
  process.exit(status ?? 1);
}
