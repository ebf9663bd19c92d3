import t from 'tap';
import { onWindows } from '../../../fixtures/windows.js';
import { REAL_RUNNER, runLaunched } from './fixtures/launched.js';

t.test('a runner whose token is not restricted starts nothing', onWindows, async (t) => {
  const { stdout, stderr, code } = await runLaunched(t, 'console.log("ran")', { runner: REAL_RUNNER });
  // A Windows that restricts tokens runs it.
  if (code === 0) return t.equal(stdout, 'ran\n');
  t.equal(code, 126);
  t.equal(stdout, '');
  t.match(stderr, /Windows made a token that is not restricted: its writes are not restricted; it has the privileges/);
});
