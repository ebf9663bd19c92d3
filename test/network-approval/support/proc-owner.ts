/** The owner of a connection by Linux' /proc, so that lanes of ports run with real processes on Linux as well. */
import fs from 'node:fs';
import type { OwnerOf } from '../../../server/system/programs/connection-owner.js';

/** proc_pid_net(5): `sl local_address rem_address st … inode`, addresses of IPv4 as the machine has them. */
export const procOwner: OwnerOf = async ({ remoteAddress, remotePort, localAddress, localPort }) => {
  const wanted = [shown(remoteAddress, remotePort), shown(localAddress, localPort)].join(' ');
  const line = fs
    .readFileSync('/proc/self/net/tcp', 'latin1')
    .split('\n')
    .map((text) => text.trim().split(/ +/))
    .find(([, local, remote]) => `${local} ${remote}` === wanted);
  const inode = line?.[9];
  if (inode === undefined || inode === '0') return undefined;
  const pid = fs.readdirSync('/proc').find((name) => /^\d+$/.test(name) && holds(name, `socket:[${inode}]`));
  return pid === undefined ? undefined : { pid: Number(pid), isStillIts: async () => true };
};

const shown = (address: string, port: number): string =>
  `${Buffer.from(address.split('.').map(Number).reverse()).toString('hex').toUpperCase()}:${port.toString(16).toUpperCase().padStart(4, '0')}`;

function holds(pid: string, socket: string): boolean {
  try {
    const folder = `/proc/${pid}/fd`;
    return fs.readdirSync(folder).some((name) => fs.readlinkSync(`${folder}/${name}`) === socket);
  } catch {
    return false; // It has ended, or is another user's.
  }
}

/** The process, or one below it. */
export function isBelow(pid: number, root: number): boolean {
  for (let at = pid; at > 1;) {
    if (at === root) return true;
    try {
      at = Number(/^PPid:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${at}/status`, 'latin1'))?.[1] ?? 0);
    } catch {
      return false;
    }
  }
  return false;
}
