/** The processes of this user, where the system lists them by calls and not in /proc: macOS. */
import type { Processes } from '../darwin/processes.js';

export type { Processes } from '../darwin/processes.js';

/** Whether this system has such a list. */
export const HAS_PROCESS_LIST = process.platform === 'darwin';

/** Only where HAS_PROCESS_LIST. Throws `machine.native-module` if the package for system calls is missing. */
export async function processList(): Promise<Processes> {
  const [{ darwinProcesses }, { libsystem }] = await Promise.all([
    import('../darwin/processes.js'),
    import('../darwin/libsystem.js'),
  ]);
  return darwinProcesses(libsystem());
}
