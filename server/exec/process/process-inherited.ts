import { spawnChild, type Child, type ChildOutput } from './child.js';
import type { ProgramCall } from './program-call.js';

/** The command writes to our own streams, so the daemon reads nothing. */
const ELSEWHERE: ChildOutput = { read: () => {}, ended: Promise.resolve(), stop: () => {} };

/**
 * Starts a command on our own stdin, stdout and stderr, in our session and process group. On a terminal it is in the
 * foreground like us, so ^C, ^Z and size changes reach it directly. Throws SpawnError.
 */
export async function spawnInherited(call: ProgramCall): Promise<Child> {
  const { pid, exited } = await spawnChild(call, [0, 1, 2], false);
  return { pid, exited, stdout: ELSEWHERE, stderr: null, stdin: null, resize: null };
}
