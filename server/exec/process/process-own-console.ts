/**
 * Starts a sandboxed command on a terminal of Windows. A console belongs to one user, so the sandbox makes it as the
 * user of the command (sandbox/windows/run/runner-terminal.ts): here are its streams, and a pipe for its new sizes.
 */
import net from 'node:net';
import { PassThrough, type Readable } from 'node:stream';
import { fault } from '../../errors/fault.js';
import { sendFrame, type ResizeFrame } from '../../sandbox/windows/run/control-frames.js';
import { consoleInput } from './process-console.js';
import { spawnChild, type Child } from './child.js';
import type { ProgramCall } from './program-call.js';
import { streamInput, streamOutput } from './process-pipes.js';

/** `call`: the launcher of a command with a terminal, whose descriptor 3 gets the sizes. Throws SpawnError. */
export async function spawnForConsole(call: ProgramCall): Promise<Child> {
  const { process: child, pid, exited } = await spawnChild(call, ['pipe', 'pipe', 'pipe', 'pipe'], true);
  const sizes = child.stdio[3];
  const { stdin, stdout, stderr } = child;
  if (!(stdin instanceof net.Socket) || !(sizes instanceof net.Socket) || !stdout || !stderr)
    throw fault('a launcher was started without its pipes');
  sizes.on('error', () => sizes.destroy()); // The launcher has ended.
  return {
    pid,
    exited,
    // A terminal has one output; what the launcher itself says is a part of it.
    stdout: streamOutput(together([stdout, stderr])),
    stderr: null,
    stdin: consoleInput(streamInput(stdin)),
    resize: (size) => {
      if (!sizes.destroyed) sendFrame(sizes, { kind: 'resize', size } satisfies ResizeFrame);
    },
  };
}

/** Ends when all of them have ended. */
function together(streams: readonly Readable[]): Readable {
  const all = new PassThrough();
  let open = streams.length;
  for (const stream of streams) {
    stream.on('error', () => stream.destroy());
    stream.once('close', () => --open === 0 && all.end());
    all.once('close', () => stream.destroy());
    stream.pipe(all, { end: false });
  }
  return all;
}
