/** How the system starts a program: what Node's spawn is asked for. */
import type { ProgramStart, StartForm } from '../windows/start-form.js';

export type { ProgramStart, StartForm } from '../windows/start-form.js';

/**
 * The form of a start. `newSession`: the process leads its own session and process group, where there are such. Windows
 * looks the program up here; elsewhere execvp(3) does. Throws `machine.program` on Windows.
 */
export function startForm(start: ProgramStart, newSession: boolean): StartForm | Promise<StartForm> {
  return process.platform === 'win32'
    ? import('../windows/start-form.js').then(({ windowsStartForm }) => windowsStartForm(start))
    : { file: start.file, args: start.args, options: { detached: newSession } };
}
