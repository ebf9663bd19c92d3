/**
 * What a client sends first through a tunnel, looked at before it goes out.
 *
 * Threat: domain fronting: a tunnel to an allowed host of a shared network, and inside it TLS for a host that no rule
 * allows.
 * Rule: a server name other than the tunnel's target is a target of its own and goes the one decision path; refused, the
 * tunnel is closed before a byte of it went out. A tunnel to an IP literal is what somebody chose by number: its names
 * are not compared. What is no TLS passes (spec/network.md §3).
 * Non-scope: names inside the encryption (the HTTP Host, an encrypted ClientHello: its outer name decides), and plain
 * HTTP inside a tunnel.
 */
import type { NetworkProtocol } from '../registration.js';
import { canonicalHost, type Target } from '../targets.js';
import type { ByteReader } from './byte-reader.js';
import type { Channel } from './channel.js';
import { parseClientHello, type Hello } from './client-hello.js';

/** Octets of a ClientHello, its records' heads included; milliseconds from its first octet to its last. */
const MAX_HELLO = 16 * 1024;
const HELLO_TIMEOUT_MS = 5000;

/** The bytes that may go out; null: close the tunnel; 'held': the command is being cancelled. */
export async function firstFlight(
  reader: ByteReader,
  channel: Channel,
  { target, protocol }: { readonly target: Target; readonly protocol: NetworkProtocol },
): Promise<Buffer | null | 'held'> {
  if (target.host.kind !== 'name') return Buffer.alloc(0);
  const { bytes, hello } = await readHello(reader);
  if (hello.kind === 'partial') return null;
  if (hello.kind === 'other' || hello.serverName === null) return bytes;
  const host = canonicalHost(hello.serverName);
  if (host?.text === target.host.text) return bytes;
  if (host === null) return null; // a name that is none: the server would read it in its own way
  const method = protocol === 'https' ? 'CONNECT' : null;
  const outcome = await channel.decide({ protocol, target: { host, port: target.port }, method });
  if (outcome.kind === 'held') return 'held';
  return outcome.kind === 'allowed' ? bytes : null;
}

async function readHello(reader: ByteReader): Promise<{ readonly bytes: Buffer; readonly hello: Hello }> {
  let bytes = (await reader.some(MAX_HELLO)) ?? Buffer.alloc(0); // when a client speaks is its own affair
  const until = Date.now() + HELLO_TIMEOUT_MS;
  for (;;) {
    const hello: Hello = bytes.length === 0 ? { kind: 'other' } : parseClientHello(bytes);
    if (hello.kind !== 'partial' || bytes.length >= MAX_HELLO) return { bytes, hello };
    const more = await reader.some(MAX_HELLO, Math.max(until - Date.now(), 0));
    if (more === null) return { bytes, hello };
    bytes = Buffer.concat([bytes, more]);
  }
}
