/** dist/sandbox-runner.cjs: the last word is the name of its pipe. */
import { RUNNER_PARTS, serve } from './runner.js';

serve(process.argv.at(-1) ?? '', RUNNER_PARTS);
