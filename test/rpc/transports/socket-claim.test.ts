import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import t, { type Test } from 'tap';
import { StartError } from '../../../server/errors/start-error.js';
import { claimSocket } from '../../../server/rpc/transports/socket-claim.js';
import { HAS_SOCKET_FILES } from '../../../server/system/programs/local-server.js';

if (!HAS_SOCKET_FILES) t.bailout('names of sockets are names of pipes here');

function temporaryFolder(t: Test): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'codexd-claim-'));
  t.teardown(() => fs.rmSync(folder, { recursive: true }));
  return folder;
}

function serverFor(t: Test): net.Server {
  const server = net.createServer((socket) => socket.destroy());
  t.teardown(() => server.close());
  return server;
}

/** Where the link leads that a killed server left. */
const DEAD = '/dev/shm/codexd-nobody/1-dead';

t.test('of many starts at once with the link of a dead server, exactly one has the name', async (t) => {
  for (let round = 0; round < 8; round++) {
    const name = path.join(temporaryFolder(t), 'x.sock');
    fs.symlinkSync(DEAD, name);
    const servers = Array.from({ length: 12 }, () => serverFor(t));
    const claims = await Promise.allSettled(servers.map((server) => claimSocket(name, server, null)));
    const won = claims.flatMap((claim, i) => (claim.status === 'fulfilled' ? [{ claim: claim.value, i }] : []));
    t.equal(won.length, 1, `round ${round}`);
    for (const claim of claims) {
      if (claim.status === 'rejected')
        t.match(claim.reason, new StartError(`app-server control socket is already in use at ${name}`));
    }
    t.equal(fs.readlinkSync(name), servers[won[0]?.i ?? 0]?.address(), 'the name leads to the one who has it');
    for (const { claim } of won) claim.release();
    t.strictSame(fs.readdirSync(path.dirname(name)), [], 'nothing remains');
  }
});

t.test('a claim that was released leaves the name of its successor', async (t) => {
  const name = path.join(temporaryFolder(t), 'x.sock');
  const first = await claimSocket(name, serverFor(t), null);
  first.release();
  const second = serverFor(t);
  await claimSocket(name, second, null);
  first.release();
  t.equal(fs.readlinkSync(name), second.address());
});
