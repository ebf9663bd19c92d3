/**
 * SOCKS5 (RFC 1928) on the same decision path; CONNECT alone, without authentication: whose command it is comes with
 * the listener.
 *
 * Threat: a name with octets that the rules and the resolver read differently (`evil.test\0.ok.test`), a command that
 * makes the proxy listen (BIND, UDP ASSOCIATE).
 * Rule: names pass canonicalHost or the connection is closed; BIND and UDP ASSOCIATE are answered 07, since what they
 * would open lies outside the lane.
 */
import type net from 'node:net';
import ipaddr from 'ipaddr.js';
import { canonicalHost, type Target } from '../../decide/targets.js';
import { ByteReader } from '../http/byte-reader.js';
import type { CommandPort } from '../upstream/command-port.js';
import { closeWithAnswer } from './close-with-answer.js';
import { openTarget } from './open-target.js';

const VERSION = 5;
/** RFC 1928 §3: no authentication required; no acceptable methods. */
const NO_AUTHENTICATION = 0x00;
const NO_METHOD = 0xff;
/** RFC 1928 §4 and §6. */
const CONNECT = 1;
const Reply = { succeeded: 0, failed: 1, notAllowed: 2, refused: 5, commandNotSupported: 7 } as const;
const AddressType = { ipv4: 1, name: 3, ipv6: 4 } as const;
/** Milliseconds for the greeting, and again for the request. */
const HANDSHAKE_MS = 15_000;

/** Serves one connection until it closes. Never throws. */
export function serveSocks(socket: net.Socket, command: CommandPort): void {
  socket.on('error', () => socket.destroy());
  if (!command.admit(socket))
    return closeWithAnswer(socket, Buffer.concat([method(NO_AUTHENTICATION), reply(Reply.failed)]));
  converse(socket, command).catch((error: unknown) => {
    command.fault(error);
    socket.destroy();
  });
}

async function converse(socket: net.Socket, command: CommandPort): Promise<void> {
  const reader = new ByteReader(socket);
  if (!(await greet(reader, socket))) return void socket.destroySoon();
  const request = await readRequest(reader);
  if (request === null) return void socket.destroySoon();
  if (request.command !== CONNECT) return end(socket, Reply.commandNotSupported);

  const { target } = request;
  const stream = { socket, reader, command, target, protocol: 'socks5Tcp' } as const;
  const opened = await openTarget(stream, {
    method: null,
    canIntercept: false,
    standing: (upstream) => reply(Reply.succeeded, upstream?.localAddress, upstream?.localPort),
  });
  if (opened.kind === 'refused') end(socket, Reply.notAllowed);
  else if (opened.kind === 'unreachable') end(socket, Reply.refused);
  else if (opened.end === 'denied') reader.release();
}

/** RFC 1928 §3. Versions 4 and HTTP, and a greeting that offers nothing, are closed without an answer. */
async function greet(reader: ByteReader, socket: net.Socket): Promise<boolean> {
  const left = deadline(HANDSHAKE_MS);
  const [version, count] = (await reader.exactly(2, left())) ?? [];
  if (version !== VERSION || count === undefined || count === 0) return false;
  const methods = await reader.exactly(count, left());
  if (methods === null) return false;
  const acceptable = methods.includes(NO_AUTHENTICATION);
  socket.write(method(acceptable ? NO_AUTHENTICATION : NO_METHOD));
  return acceptable;
}

/** RFC 1928 §4; null: it is invalid. */
async function readRequest(reader: ByteReader): Promise<{ command: number; target: Target } | null> {
  const left = deadline(HANDSHAKE_MS);
  const [version, command, , type] = (await reader.exactly(4, left())) ?? [];
  if (version !== VERSION || command === undefined) return null;
  const text = await readAddress(reader, type, left);
  if (text === null) return null;
  const port = await reader.exactly(2, left());
  const host = canonicalHost(text);
  // A request that could not be granted anyway may name no target (BIND and UDP often send zeros).
  const number = port?.readUInt16BE() ?? 0;
  if (host === null || port === null || (number === 0 && command === CONNECT)) return null;
  return { command, target: { host, port: number } };
}

async function readAddress(reader: ByteReader, type: number | undefined, left: () => number): Promise<string | null> {
  if (type === AddressType.name) {
    const [length] = (await reader.exactly(1, left())) ?? [];
    return length === undefined ? null : ((await reader.exactly(length, left()))?.toString('latin1') ?? null);
  }
  if (type !== AddressType.ipv4 && type !== AddressType.ipv6) return null;
  const octets = await reader.exactly(type === AddressType.ipv4 ? 4 : 16, left());
  return octets === null ? null : ipaddr.fromByteArray([...octets]).toString();
}

/** The rest of some milliseconds, counted from now on. */
function deadline(ms: number): () => number {
  const until = Date.now() + ms;
  return () => Math.max(until - Date.now(), 0);
}

function end(socket: net.Socket, code: number): void {
  socket.write(reply(code));
  socket.destroySoon();
}

const method = (chosen: number): Buffer => Buffer.from([VERSION, chosen]);

/** The bound address tells the client nothing it may use; it is zeros unless the connection stands. */
function reply(code: number, address = '0.0.0.0', port = 0): Buffer {
  const octets = ipaddr.parse(address).toByteArray();
  const type = octets.length === 4 ? AddressType.ipv4 : AddressType.ipv6;
  return Buffer.from([VERSION, code, 0, type, ...octets, port >> 8, port & 0xff]);
}
