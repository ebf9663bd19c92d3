import { spawnChild, type Child, type ChildOutput, type ProgramCall } from './child.js';

/** There is nothing for us to read. */
const ELSEWHERE: ChildOutput = { read: () => {}, ended: Promise.resolve(), stop: () => {} };

/**
 * Starts a command on our own stdin, stdout and stderr, in our own session and process group: on a terminal it is in
 * the foreground as we are, so ^C, ^Z and changes of size reach it without us. Throws SpawnError.
 */
export async function spawnInherited(call: ProgramCall): Promise<Child> {
  const { pid, exited } = await spawnChild(call, [0, 1, 2], false);
  return { pid, exited, stdout: ELSEWHERE, stderr: null, stdin: null, resize: null };
}
