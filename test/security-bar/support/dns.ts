/** The name server of the test's own network: answers from a table that a test may change between two requests. */
import dgram from 'node:dgram';
import { NAME_SERVER } from './world.js';
import ipaddr from 'ipaddr.js';

/** `silent`: no answer; `failure`: SERVFAIL. */
export type Zone = Record<string, readonly string[] | 'silent' | 'failure'>;

export interface NameServer {
  /** Names without a trailing dot, lower case; `*.base` for everything below. Missing names do not exist. */
  readonly zone: Zone;
  /** The queried names since the start, one entry for each question (A and AAAA are one question each). */
  readonly asked: string[];
  close(): void;
}

/** RFC 1035 §3.2.2, RFC 3596, and response codes of §4.1.1. */
const TYPES = { 1: 'ipv4', 28: 'ipv6' } as const;
const Code = { none: 0, failure: 2, noSuchName: 3 } as const;

export async function startNameServer(zone: Zone): Promise<NameServer> {
  const socket = dgram.createSocket('udp4');
  const asked: string[] = [];
  socket.on('message', (query, from) => {
    const { name, end } = readName(query);
    const type = query.readUInt16BE(end);
    asked.push(name);
    const found = zone[name] ?? zone[`*.${name.split('.').slice(1).join('.')}`];
    if (found === 'silent') return;
    const kind = TYPES[type as keyof typeof TYPES];
    const addresses = Array.isArray(found) ? found.filter((text) => ipaddr.parse(text).kind() === kind) : [];
    const code = found === 'failure' ? Code.failure : found === undefined ? Code.noSuchName : Code.none;
    socket.send(answer(query.subarray(0, end + 4), type, addresses, code), from.port, from.address);
  });
  await new Promise<void>((done) => socket.bind(53, NAME_SERVER, done));
  return { zone, asked, close: () => socket.close() };
}

function readName(query: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = 12; // the header
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length).toLowerCase());
    at += 1 + length;
  }
  return { name: labels.join('.'), end: at + 1 };
}

function answer(question: Buffer, type: number, addresses: readonly string[], code: number): Buffer {
  const head = Buffer.from(question);
  head.writeUInt16BE(0x8180 | code, 2); // a response, recursion available
  head.writeUInt16BE(addresses.length, 6);
  head.writeUInt32BE(0, 8); // neither authority nor additional records
  const records = addresses.map((text) => {
    const octets = Buffer.from(ipaddr.parse(text).toByteArray());
    const record = Buffer.alloc(12);
    record.writeUInt16BE(0xc00c, 0); // the name of the question
    record.writeUInt16BE(type, 2);
    record.writeUInt16BE(1, 4); // IN
    record.writeUInt32BE(0, 6); // not to be cached
    record.writeUInt16BE(octets.length, 10);
    return Buffer.concat([record, octets]);
  });
  return Buffer.concat([head, ...records]);
}
