/** Which process is at the other end of a connection on this machine, by the system's own tables. */
import type { OwnerOf } from '../windows/tcp-owners.js';

export type { ConnectionOwner, Ends, OwnerOf } from '../windows/tcp-owners.js';

/** Only on Windows and macOS. Throws `machine.native-module` if the package for system calls is missing. */
export const connectionOwners = async (): Promise<OwnerOf> => {
  if (process.platform === 'darwin') {
    const [{ createConnectionOwners }, { darwinProcesses }, { libsystem }] = await Promise.all([
      import('../darwin/connection-owners.js'),
      import('../darwin/processes.js'),
      import('../darwin/libsystem.js'),
    ]);
    return createConnectionOwners(darwinProcesses(libsystem()));
  }
  const [{ createTcpOwners }, { win32Network }] = await Promise.all([
    import('../windows/tcp-owners.js'),
    import('../windows/win32-network.js'),
  ]);
  return createTcpOwners(win32Network());
};
