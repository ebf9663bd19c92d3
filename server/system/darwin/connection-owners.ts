/**
 * The owner of the other end of a connection on this Mac, by the sockets of this user's processes.
 *
 * Threat: a process ends, and another one gets its number, between the look and the answer.
 * Rule: a process is the owner if it has a socket with exactly the other end's addresses and ports. It is still the
 * owner if it has that socket and the same start at the second look.
 * Scope: TCP on loopback, processes of this user. Non-scope: a socket that its maker has passed on: each process that
 * has it open counts, and the first one found is named.
 */
import type { OwnerOf } from '../windows/tcp-owners.js';
import { loopbackForm, type SocketEnds } from './process-bytes.js';
import type { Processes } from './processes.js';

/** `own`: this process, whose end of the connection is the other one. */
export function createConnectionOwners({ pids, factsOf, socketsOf }: Processes, own = process.pid): OwnerOf {
  const holds = (pid: number, wanted: SocketEnds): boolean =>
    socketsOf(pid).some(
      ({ local, localPort, remote, remotePort }) =>
        local === wanted.local &&
        localPort === wanted.localPort &&
        remote === wanted.remote &&
        remotePort === wanted.remotePort,
    );
  return ({ remoteAddress, remotePort, localAddress, localPort }) => {
    const [local, remote] = [loopbackForm(remoteAddress), loopbackForm(localAddress)];
    if (local === null || remote === null) return Promise.resolve(undefined);
    const wanted = { local, localPort: remotePort, remote, remotePort: localPort };
    const pid = pids().find((one) => one !== own && holds(one, wanted));
    const started = pid === undefined ? undefined : factsOf(pid)?.started;
    if (pid === undefined || started === undefined) return Promise.resolve(undefined);
    return Promise.resolve({
      pid,
      isStillIts: () => Promise.resolve(factsOf(pid)?.started === started && holds(pid, wanted)),
    });
  };
}
