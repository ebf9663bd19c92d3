/** Run as another user by lanes.test.ts: a lane, a sandboxed command in it, and what the command saw. */
import { createLanePool } from '../../../server/network-approval/lanes/lanes.js';
import { sandboxed, status } from './lane-commands.js';
import { startChild } from '../../fixtures/programs.js';

const pool = createLanePool({ status, size: { pairsPerLane: 1 } });
const turn = await pool.acquire({ owner: 'test' });
turn.accept(
  (socket) => socket.resume().end('from the daemon\n'),
  (socket) => socket.destroy(),
);
const [file, args] = sandboxed(turn.enter, ['bash', '-c', `id -u; cat < /dev/tcp/127.0.0.1/${turn.httpPort}`]);
const child = startChild(file, args, { stdio: ['ignore', 'inherit', 'inherit'] });
await new Promise((resolve) => child.once('close', resolve));
turn.end({ reusable: false });
await pool.close();
