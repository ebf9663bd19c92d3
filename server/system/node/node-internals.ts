/**
 * All uses of undocumented parts of Node. If a version of Node has changed such a part, the call fails here with one
 * sentence that says what is missing. test/system/node/node-internals.test.ts runs them on every version of Node in the
 * CI.
 */
import type http from 'node:http';
import net from 'node:net';
import { fault } from '../../errors/fault.js';

const changed = (what: string): Error =>
  new Error(`Node ${process.version} ${what}; use another version of Node, and report it to codexd`);

/** Node's handle of a bound TCP socket. */
export interface BoundSocket {
  /** 1 to 65535. */
  readonly port: number;
  /** Can be sent over Node's IPC channel like a `net.Server`; the receiver can listen on it. */
  readonly handle: net.Server;
  /** Of this process; -1: this Node does not tell. */
  readonly descriptor: number;
  close(): void;
}

interface BoundHandle {
  readonly fd?: number;
  getsockname(out: { port?: number }): number;
  close(): void;
}
type CreateServerHandle = (address: string, port: number, type: 4 | 6, fd: -1, flags: 0 | 1) => BoundHandle | number;

/** UV_TCP_IPV6ONLY of libuv: the socket takes no IPv4. */
const IPV6_ONLY = 1;

/**
 * Binds a TCP socket without listening on it. There is no public function for this, but `net` exports an internal one
 * for the cluster module. `port`: 0 is one that is free. Several may be bound to one address and port as long as none
 * listens. Throws Error if the address cannot be bound.
 */
export function bindWithoutListening(address: string, port = 0): BoundSocket {
  const create = (net as unknown as { _createServerHandle?: CreateServerHandle })._createServerHandle;
  if (typeof create !== 'function') throw changed('cannot bind a socket without listening on it');
  const isIpv6 = net.isIPv6(address);
  const handle = create(address, port, isIpv6 ? 6 : 4, -1, isIpv6 ? IPV6_ONLY : 0);
  if (typeof handle === 'number') throw fault(`cannot bind ${address} (error ${handle})`);
  const name: { port?: number } = {};
  if (typeof handle.getsockname === 'function') handle.getsockname(name);
  if (!name.port) throw changed('does not tell the port of a bound socket');
  return {
    port: name.port,
    handle: handle as unknown as net.Server,
    descriptor: handle.fd ?? -1,
    close: () => handle.close(),
  };
}

/**
 * Sets the method of a request without changing its case. Node makes it upper case, which is another method (RFC 9110
 * §9.1).
 */
export function setExactMethod(request: http.ClientRequest, method: string): void {
  if (request.headersSent) throw changed('writes the head of a request before its method can be set');
  request.method = method;
  if (request.method !== method) throw changed('does not let a request keep the case of its method');
}

/**
 * OpenSSL's message about a certificate, without the advice for Node's command line that Node 24 and later add.
 */
export function certificateWords(message: string): string {
  return message.replace(/; if the root CA is installed locally, .*$/s, '');
}
