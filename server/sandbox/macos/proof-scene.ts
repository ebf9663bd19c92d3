/** What the canaries of the proof meet: files, listeners and addresses outside of their sandbox. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { makePrivateFolder, socketsFolder } from '../../system/files/scratch.js';
import { FILES, type Scene } from './walls.js';

/** `folder`: the daemon's own. Calls `use` and removes everything afterwards. Throws what the system says. */
export async function withScene<T>(folder: string, use: (scene: Scene) => Promise<T>): Promise<T> {
  const name = `proof-${randomBytes(6).toString('hex')}`;
  const place = path.join(folder, name);
  makePrivateFolder(place);
  const open: net.Server[] = [];
  const listen = async (where: { host: string; port: number } | { path: string }): Promise<net.Server> => {
    const server = net.createServer((connection) => connection.destroy());
    open.push(server);
    server.listen(where);
    await once(server, 'listening');
    return server;
  };
  const portOf = (server: net.Server): number => (server.address() as AddressInfo).port;
  try {
    for (const file of FILES) {
      if (file.endsWith('/')) fs.mkdirSync(path.join(place, file));
      else fs.writeFileSync(path.join(place, file), '#!/bin/sh\n', { mode: 0o700 });
    }
    const here = { host: '127.0.0.1', port: 0 };
    const socket = path.join(fs.realpathSync(socketsFolder()), name);
    const [lane, other, closed] = [await listen(here), await listen(here), await listen(here)];
    const closedPort = portOf(closed);
    closed.close();
    await listen({ path: socket });
    return await use({
      folder: fs.realpathSync(place),
      lanePort: portOf(lane),
      otherPort: portOf(other),
      closedPort,
      socket,
      address: ownAddress(),
      pid: process.pid,
    });
  } finally {
    for (const server of open) if (server.listening) server.close();
    fs.rmSync(place, { recursive: true, force: true });
  }
}

function ownAddress(): string | null {
  const all = Object.values(os.networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? null;
}
