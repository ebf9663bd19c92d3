/**
 * What a client sends first through a tunnel, looked at before it can act.
 *
 * Threat: domain fronting: a tunnel to an allowed host of a shared network, and inside it TLS, or plain HTTP, for a
 * host that no rule allows.
 * Rule: a name other than the tunnel's target is a target of its own and goes the one decision path; refused, the
 * tunnel is closed before the upstream could act on it. A tunnel to an IP literal is what somebody chose by number: a
 * name in it needs no allowance, and is held against the deny rules alone. What is neither TLS nor HTTP passes
 * (docs/protocol/network.md §3).
 * Non-scope: names inside the encryption (the HTTP Host, an encrypted ClientHello: its outer name decides), and what
 * plain-in-tunnel.ts leaves out.
 */
import type { NetworkProtocol } from '../../registration/denial.js';
import { canonicalHost, type Host, type Target } from '../../decide/targets.js';
import type { ByteReader } from '../http/byte-reader.js';
import type { CommandPort } from '../upstream/command-port.js';
import { parseClientHello, type Hello } from './client-hello.js';
import { plainRequest } from './plain-in-tunnel.js';

/** Octets of a ClientHello, its records' heads included; milliseconds from its first octet to its last. */
const MAX_HELLO = 16 * 1024;
const HELLO_TIMEOUT_MS = 5000;

/**
 * The bytes that may go out after those that `pass` got; null: close the tunnel; 'denied': the command is being
 * cancelled.
 */
export async function firstFlight(
  reader: ByteReader,
  command: CommandPort,
  { target, protocol }: { readonly target: Target; readonly protocol: NetworkProtocol },
  pass: (bytes: Buffer) => void,
): Promise<Buffer | null | 'denied'> {
  const byNumber = target.host.kind !== 'name';
  if (byNumber && !command.denies()) return Buffer.alloc(0);
  const method = protocol === 'https' ? 'CONNECT' : null;
  const judge = async (host: Host): Promise<true | null | 'denied'> => {
    const named = { protocol, target: { host, port: target.port }, method };
    const outcome = await command.decide(byNumber ? { ...named, byNumber } : named);
    if (outcome.kind === 'denied') return 'denied';
    return outcome.kind === 'allowed' ? true : null;
  };
  const { bytes, hello } = await readHello(reader);
  if (hello.kind === 'partial' || hello.kind === 'broken') return null;
  if (hello.kind === 'other') {
    return bytes.length === 0 ? bytes : plainRequest(bytes, reader, pass, judge, target.host);
  }
  if (hello.serverName === null) return bytes;
  const host = canonicalHost(hello.serverName);
  if (host?.text === target.host.text) return bytes;
  if (host === null) return null; // an invalid name: the server would read it in its own way
  const verdict = await judge(host);
  return verdict === true ? bytes : verdict;
}

/** What came so far, and what it is; no bytes: the client ended without a word. */
export async function readHello(reader: ByteReader): Promise<{ readonly bytes: Buffer; readonly hello: Hello }> {
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
