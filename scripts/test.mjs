// npm test: sets up missing parts, then runs every test, or the named ones (npm test -- test/exec).
import { runTests } from './run-tests.mjs';
import { setup } from './setup.mjs';
import { testFiles } from './test-files.mjs';

await setup({ tests: true });
const wanted = process.argv.slice(2);
const files = testFiles(wanted);
if (!files.length) {
  process.stderr.write(`codexd: no test file matches ${wanted.join(' ')}\n`);
  process.exit(1);
}
process.exit((await runTests(files)) ? 0 : 1);
