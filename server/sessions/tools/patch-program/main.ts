/** The entry of the program's own bundle (scripts/patch-program.mjs). */
import { osCode } from '../../../errors/os-code.js';
import fs from 'node:fs';
import { runPatchProgram } from './run-program.js';

const { exitCode, stdout, stderr } = runPatchProgram(process.argv.slice(2), process.cwd());
process.exitCode = exitCode;
tell(1, stdout);
tell(2, stderr);

/** The files are written in any case; a closed output receives nothing. */
function tell(fd: number, text: string): void {
  try {
    if (text !== '') fs.writeSync(fd, text);
  } catch (error) {
    if (osCode(error) !== 'EPIPE') throw error;
  }
}
