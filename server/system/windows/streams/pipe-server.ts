/**
 * A server on a named pipe of Windows, which only this user's processes may open.
 *
 * Threat: another user, or a program of another machine, connects to the daemon, or reads from it. Node's own servers
 * let everyone read.
 * Rule: the pipes have an access list for their owner alone from their first moment, and refuse other machines. The
 * name must be free; while one of them is open, nobody else can make one of the same name.
 * Non-scope: a program that takes the name while no daemon has it. The daemon then does not start; clients look who
 * serves a pipe (pipe-client.ts).
 */
import net from 'node:net';
import { win32 } from '../win32.js';
import { win32Pipes } from './win32-pipes.js';

export interface PipeServer {
  /** No client can connect any more. Connections stay. */
  close(): void;
}

/** Clients that can connect at the same moment; others wait for the next one (WaitNamedPipe). */
const WAITING = 4;

/** The longest interval of a timer. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Gives each connection to `accept`. Returns the number of Windows' error if the name is taken or not usable. Throws
 * `machine.native-module`.
 */
export function servePipe(name: string, accept: (connection: net.Socket) => void): PipeServer | number {
  const { createPipe, whenConnected, descriptorOf } = win32Pipes();
  const { closeHandle } = win32();
  const first = createPipe(name, 'both', 'several');
  if (first < 0) return -first;
  const waiting = new Set<number>();
  let closed = false;
  const wait = (pipe: number): void => {
    waiting.add(pipe);
    void whenConnected(pipe).then((code) => {
      if (!waiting.delete(pipe)) return; // Closed.
      const next = createPipe(name, 'both', 'another');
      if (next >= 0) wait(next);
      const descriptor = code === 0 ? descriptorOf(pipe) : -1;
      if (descriptor < 0) return closeHandle(pipe); // The client has gone, or there are too many files.
      accept(new net.Socket({ fd: descriptor, readable: true, writable: true, allowHalfOpen: true }));
    });
  };
  // A wait for a client does not keep the process alive, as a listening server of Node does.
  const alive = setInterval(() => {}, LONGEST_MS);
  wait(first);
  for (let i = 1; i < WAITING; i++) {
    const another = createPipe(name, 'both', 'another');
    if (another >= 0) wait(another);
  }
  return {
    close() {
      if (closed) return;
      closed = true;
      clearInterval(alive);
      const pipes = [...waiting];
      waiting.clear();
      pipes.forEach((pipe) => closeHandle(pipe));
    },
  };
}
