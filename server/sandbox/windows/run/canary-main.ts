/** dist/sandbox-canary.cjs: the last word is the task, as JSON. Prints its report as one line. */
import { tryWalls, type CanaryTask } from './canary.js';

void tryWalls(JSON.parse(process.argv.at(-1) ?? '') as CanaryTask).then((report) => {
  process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit(0));
});
