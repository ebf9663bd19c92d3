/**
 * Runs briefly inside a new user and network namespace. It binds the sockets of a lane, sends them to the daemon over
 * Node's IPC channel (SCM_RIGHTS), and ends. Built separately as dist/lane-helper.cjs. Its argument is the number of
 * commands that the lane serves.
 *
 * The sockets are bound and do not listen yet: nothing can connect to one before the daemon assigns it to a command.
 */
import { bindWithoutListening } from '../../system/node/node-internals.js';
import { helpWith } from './helper-messages.js';

helpWith(() => {
  const commands = Array.from({ length: Number(process.argv.at(-1)) });
  return {
    perCommand: 2,
    sockets: commands.flatMap(() => [bindWithoutListening('127.0.0.1'), bindWithoutListening('127.0.0.1')]),
    resolvers: [],
  };
});
