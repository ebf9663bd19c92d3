/** A small shell beside the daemon that cleans up after it: the end of its input shows that the daemon has ended. */
import type { ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import { startProgram } from './start-program.js';
import { systemProgram } from './system-program.js';

/** `name`: the shell's `$0`, which process lists show; `argument`: its `$1`. Only its input is a pipe. */
export function startWatchingShell(script: string, name: string, argument: string): ChildProcess {
  const child = startProgram(systemProgram('sh'), ['-c', script, name, argument], {
    // Its own session: ^C on a terminal goes to the daemon, and the shell is needed most then.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  letGo(child);
  return child;
}

/** Neither the process nor its pipes keep the daemon's event loop alive. */
export function letGo(child: ChildProcess): void {
  child.unref();
  for (const pipe of [child.stdin, child.stdout]) if (pipe instanceof Socket) pipe.unref();
}
