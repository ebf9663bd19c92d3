/**
 * The loopback ports that a set-up leaves open for lanes.
 *
 * Rule: pairs of neighbours below the ports that Windows gives to programs by itself (49152…65535), the same ones for
 * the same Codex home. Ports that Windows has reserved (Hyper-V) or that a program listens on are not taken.
 */
import { createHash } from 'node:crypto';
import net from 'node:net';
import { once } from 'node:events';
import { key } from '../access-list.js';

/** Four daemons of one home have a pair each. */
const PORTS = 8;
const FIRST = 20_000;
const RANGE = 20_000;
const TRIES = 50;

/** Empty: none of the tries was free. */
export async function choosePorts(codexHome: string, isFree = canListen): Promise<readonly number[]> {
  const start = createHash('sha256').update(key(codexHome)).digest().readUInt32LE(0);
  for (let i = 0; i < TRIES; i++) {
    const first = FIRST + ((start + i * PORTS) % (RANGE / PORTS)) * PORTS;
    const ports = Array.from({ length: PORTS }, (_, at) => first + at);
    const free = await Promise.all(ports.map(isFree));
    if (free.every(Boolean)) return ports;
  }
  return [];
}

async function canListen(port: number): Promise<boolean> {
  const server = net.createServer();
  try {
    server.listen({ port, host: '127.0.0.1', exclusive: true });
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
