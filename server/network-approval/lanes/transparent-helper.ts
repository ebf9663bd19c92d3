/**
 * The helper of a lane for `transparent_tcp` (lane-helper.ts is the other one): programs that know no proxy reach the
 * policy there, too. Built separately as dist/transparent-helper.cjs. Its arguments are the folder of this package
 * and the number of commands that the lane serves.
 *
 * Threat: a way out of the namespace, or a connection that counts as another command's.
 * Rule: the namespace has only loopback, as every lane. All its addresses are its own; each TCP connection to one of
 * them arrives at the listening socket of the one command that has the lane. Everything is made here, before a command
 * can be in the lane; nothing of it can be changed later, since this process alone has the capability.
 * Scope: what leads where in the namespace. Non-scope: what a connection may do (transparent/serve-transparent.ts).
 */
import dgram from 'node:dgram';
import fs from 'node:fs';
import { loadLibc, type Libc } from '../../system/linux/libc.js';
import { makeTransparent, type Family } from '../../system/linux/transparent-network.js';
import { bindWithoutListening, type BoundSocket } from '../../system/node/node-internals.js';
import { helpWith } from './helper-messages.js';
import { RESOLVER_ADDRESS, RESOLVER_PORT, TRANSPARENT_PORT } from './transparent-places.js';

/** linux/in.h and in6.h: IPPROTO_IP and IP_TRANSPARENT, IPPROTO_IPV6 and IPV6_TRANSPARENT. */
const TRANSPARENT: Readonly<Record<Family, readonly [level: number, option: number]>> = {
  ipv4: [0, 19],
  ipv6: [41, 75],
};
const ANY: Readonly<Record<Family, string>> = { ipv4: '0.0.0.0', ipv6: '::' };

helpWith(async () => {
  const [root, count] = process.argv.slice(-2);
  const libc = loadLibc(String(root));
  const families: readonly Family[] = hasIpv6() ? ['ipv4', 'ipv6'] : ['ipv4'];
  const network = { port: TRANSPARENT_PORT, resolver: RESOLVER_ADDRESS.split('.').map(Number) };
  for (const family of families) makeTransparent(libc, family, network);
  const resolvers = [await resolver(ANY.ipv4), await resolver(RESOLVER_ADDRESS)];
  if (families.includes('ipv6')) resolvers.push(await resolver(ANY.ipv6));
  return {
    perCommand: 2 + families.length,
    sockets: Array.from({ length: Number(count) }).flatMap(() => [
      ...[bindWithoutListening('127.0.0.1'), bindWithoutListening('127.0.0.1')],
      ...families.map((family) => transparentSocket(libc, family)),
    ]),
    resolvers,
  };
});

/** Whether the loopback interface has its address: a kernel, or its settings, may be without IPv6. */
function hasIpv6(): boolean {
  try {
    return fs.readFileSync('/proc/self/net/if_inet6', 'utf8').trim() !== '';
  } catch {
    return false; // The kernel has no IPv6.
  }
}

function transparentSocket(libc: Libc, family: Family): BoundSocket {
  const socket = bindWithoutListening(ANY[family], TRANSPARENT_PORT);
  libc.setOption(socket.descriptor, ...TRANSPARENT[family], 1);
  return socket;
}

/** A UDP socket for questions to this address; on `ANY`, to every address of the family. */
function resolver(address: string): Promise<dgram.Socket> {
  return new Promise((resolve, reject) => {
    const isIpv6 = address.includes(':');
    const socket = dgram.createSocket({ type: isIpv6 ? 'udp6' : 'udp4', ipv6Only: isIpv6, reuseAddr: true });
    socket.once('error', reject);
    socket.bind({ address, port: RESOLVER_PORT, exclusive: true }, () => resolve(socket));
    socket.unref(); // The channel to the daemon alone keeps this process.
  });
}
