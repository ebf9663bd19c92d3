/** What must hold of every input, however it came about. Each check throws when it does not. */
import { isCode } from '../../../server/errors/codexd-error.js';
import assert from 'node:assert/strict';
import net from 'node:net';
import tls from 'node:tls';
import { Duplex } from 'node:stream';
import { ByteReader } from '../../../server/network-approval/proxy/http/byte-reader.js';
import type { CommandPort } from '../../../server/network-approval/proxy/upstream/command-port.js';
import { parseClientHello } from '../../../server/network-approval/proxy/protocols/client-hello.js';
import { readBody } from '../../../server/network-approval/proxy/http/request-body.js';
import { parseRequestHead } from '../../../server/network-approval/proxy/http/request-head.js';
import { connectTarget, destinationOf } from '../../../server/network-approval/proxy/http/request-target.js';
import { serveSocks } from '../../../server/network-approval/proxy/protocols/socks5.js';
import {
  canonicalHost,
  hostInUrl,
  parseAuthority,
  type Target,
} from '../../../server/network-approval/decide/targets.js';
import {
  CHUNK_WORDS,
  CHUNKS,
  HELLO_WORDS,
  HELLOS,
  HOST_WORDS,
  HOSTS,
  MESSAGE_WORDS,
  MESSAGES,
  SOCKS,
  SOCKS_WORDS,
} from './corpus.js';
import { fakeSocket } from './fake-socket.js';
import { readMessage, readSocks } from './oracle.js';

export interface Check {
  readonly name: string;
  readonly seeds: readonly Buffer[];
  readonly words: readonly string[];
  /** `cut`: where the input is cut in two pieces on its way in. Resolves with whether it was accepted. */
  run(input: Buffer, cut: number): boolean | Promise<boolean>;
}

export const CHECKS: readonly Check[] = [
  { name: 'message', seeds: MESSAGES, words: MESSAGE_WORDS, run: message },
  { name: 'host', seeds: HOSTS, words: HOST_WORDS, run: host },
  { name: 'socks', seeds: SOCKS, words: SOCKS_WORDS, run: socks },
  { name: 'chunks', seeds: CHUNKS, words: CHUNK_WORDS, run: chunks },
  { name: 'hello', seeds: HELLOS, words: HELLO_WORDS, run: hello },
];

/** Slower: OpenSSL reads the same first flight. */
export const OPENSSL: Check = { name: 'hello-openssl', seeds: HELLOS, words: HELLO_WORDS, run: helloAsOpenssl };

const MAX_HEAD = 16 * 1024;
const WAIT_MS = 10_000;

/**
 * A request that we accept is one to llhttp too, to the same host, with the same fields, the same body and the same
 * end.
 */
async function message(input: Buffer, cut: number): Promise<boolean> {
  const { socket, feed } = fakeSocket();
  const reader = new ByteReader(socket);
  const coming = reader.head(MAX_HEAD, WAIT_MS);
  feed(input, cut);
  const bytes = await coming;
  if (typeof bytes === 'string') return false;
  const head = parseRequestHead(bytes);
  if (typeof head === 'string') return false;
  const connects = head.method === 'CONNECT';
  const where = connects ? connectTarget(head.target) : destinationOf(head);
  if (where === null || 'problem' in where) return false;
  const target = 'target' in where ? where.target : where;
  sameHostAsUrl(head.target, target, connects);
  if (!connects && !/^[a-z]/i.test(head.target)) sameHostAsUrl(`http://${hostHeader(head)}/`, target, false);
  const skipped = skippedLines(input);
  const rewritten = llhttpReads(input.subarray(skipped), head.method);
  const seen = readMessage(rewritten);
  assert.ok(seen, 'llhttp refuses what we accept');
  assert.equal(seen.minorVersion, head.minorVersion, 'another version');
  assert.deepEqual(
    seen.headers.map((text, index) => (index % 2 ? text.replace(/^[ \t]+|[ \t]+$/g, '') : text)),
    head.headers.flatMap(({ name, value }) => [name, value]),
    'other fields',
  );
  if (connects) return true;
  const { body, consumed } = await wholeBody(reader, head.body, input.length);
  if (body === null) return true; // not whole, or broken: nothing of it is taken for a request
  assert.equal(seen.length, consumed + rewritten.length - input.length, 'another end of the message');
  assert.deepEqual(seen.body, body, 'another body');
  return true;
}

/** Empty lines before a request are skipped by both. */
const skippedLines = (input: Buffer): number => /^(?:\r\n)*/.exec(input.toString('latin1'))?.[0].length ?? 0;
const hostHeader = (head: { readonly headers: readonly { readonly key: string; readonly value: string }[] }): string =>
  head.headers.find(({ key }) => key === 'host')?.value ?? '';

/**
 * llhttp knows only some methods, and accepts neither octets above 0x7f in a target nor a fragment directly after a
 * host. The proxy treats them like others, and passes none of them on.
 */
function llhttpReads(bytes: Buffer, method: string): Buffer {
  const end = bytes.indexOf('\r\n');
  const [target = '', version = ''] = bytes.toString('latin1', method.length + 1, end).split(' ');
  const plain = target.replace(/#.*$/, '').replace(/[\x80-\xff]/g, 'x');
  const headEnd = bytes.indexOf('\r\n\r\n');
  // Upgrades end llhttp's part, and are checked elsewhere; of the white space after a length it accepts only spaces.
  const fields = bytes.toString('latin1', end, headEnd);
  const rest =
    fields.replace(/^upgrade:/gim, 'Upgradx:').replace(/[ \t]+(?=\r\n|$)/g, '') + bytes.toString('latin1', headEnd);
  const line = method === 'CONNECT' ? `GET / ${version}` : `POST ${plain} ${version}`;
  return Buffer.from(line + rest, 'latin1');
}

function sameHostAsUrl(text: string, target: Target, connects: boolean): void {
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : connects ? `https://${text}` : null;
  if (url === null) return;
  assert.ok(URL.canParse(url), `URL refuses what we accept: ${JSON.stringify(url)}`);
  const { hostname, port, protocol } = new URL(url);
  assert.deepEqual(canonicalHost(hostname)?.text, target.host.text, `URL reads another host in ${JSON.stringify(url)}`);
  const fallback = protocol === 'http:' ? 80 : 443;
  if (port !== '' || protocol === 'http:' || protocol === 'https:')
    assert.equal(Number(port || fallback), target.port, 'another port');
}

async function wholeBody(reader: ByteReader, framing: Parameters<typeof readBody>[1], total: number) {
  const pieces: Buffer[] = [];
  try {
    for await (const piece of readBody(reader, framing)) pieces.push(Buffer.from(piece));
  } catch (error) {
    assert.ok(isCode(error, 'proxy.body'), `not a refusal of its own: ${String(error)}`);
    return { body: null, consumed: 0 };
  }
  return { body: Buffer.concat(pieces), consumed: total - reader.release().length };
}

/**
 * A host that we accept is the same one to the URL parser, has one form, and is an address exactly where the system
 * takes it for one.
 */
function host(input: Buffer): boolean {
  const text = input.toString('latin1');
  const found = canonicalHost(text);
  const authority = parseAuthority(text, 80, { userInfo: true });
  if (authority !== null) assert.deepEqual(canonicalHost(authority.host.text), authority.host, 'not canonical');
  if (found === null) return false;
  assert.match(found.text, found.kind === 'ipv6' ? /^[0-9a-f:.]+$/ : /^[a-z0-9_.-]+$/, 'characters of no host');
  assert.deepEqual(canonicalHost(found.text), found, 'the canonical form has another one');
  assert.deepEqual(canonicalHost(`${found.text.toUpperCase()}`), found, 'case matters');
  assert.equal(
    net.isIP(found.text),
    { name: 0, ipv4: 4, ipv6: 6 }[found.kind],
    'the system would read it as something else',
  );
  const url = `http://${hostInUrl(found)}/`;
  assert.ok(URL.canParse(url), 'URL refuses what we accept');
  assert.equal(canonicalHost(new URL(url).hostname)?.text, found.text, 'URL reads another host');
  const asWritten = `http://${text.includes(':') && !text.startsWith('[') ? `[${text}]` : text}/`;
  assert.ok(URL.canParse(asWritten), `URL refuses ${JSON.stringify(asWritten)}`);
  assert.equal(canonicalHost(new URL(asWritten).hostname)?.text, found.text, 'URL reads another host as written');
  return true;
}

/** The one target that is ever decided about is the one that RFC 1928 names; nothing but whole replies goes out. */
async function socks(input: Buffer, cut: number): Promise<boolean> {
  const { socket, feed, written } = fakeSocket();
  const decided: Target[] = [];
  const faults: unknown[] = [];
  let settle = (): void => {};
  const closed = new Promise<void>((resolve) => (settle = resolve));
  socket.on('close', () => settle());
  const command = {
    admit: () => true,
    closeWithCommand: () => {},
    fault: (error: unknown) => faults.push(error),
    decide: async ({ target }: { target: Target }) => {
      decided.push(target);
      return { kind: 'refused', refused: {} };
    },
  } as unknown as CommandPort;
  serveSocks(socket, command);
  feed(input, cut);
  await closed;
  assert.deepEqual(faults, [], 'a fault of the proxy itself');
  const asked = readSocks(input);
  const answer = written().toString('hex');
  assert.match(answer, /^(?:|05ff|0500|05000502000100000000(?:0000)|05000507000100000000(?:0000))$/, 'no whole answer');
  const named =
    asked === null || asked.port === 0
      ? null
      : asked.name === null
        ? canonicalHost(addressText(asked.octets))
        : canonicalHost(asked.name);
  assert.deepEqual(decided, named === null ? [] : [{ host: named, port: asked?.port }], 'another target');
  return decided.length > 0;
}

const addressText = (octets: readonly number[]): string =>
  octets.length === 4
    ? octets.join('.')
    : Array.from({ length: 8 }, (_, n) => (((octets[2 * n] ?? 0) << 8) | (octets[2 * n + 1] ?? 0)).toString(16)).join(
        ':',
      );

const CHUNKED_HEAD = Buffer.from('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');

/** A chunked body that we take for whole is the same to llhttp, with the same end. */
async function chunks(input: Buffer, cut: number): Promise<boolean> {
  const { socket, feed } = fakeSocket();
  const reader = new ByteReader(socket);
  const coming = wholeBody(reader, { kind: 'chunked' }, input.length);
  feed(input, cut);
  const { body, consumed } = await coming;
  if (body === null) return false;
  const seen = readMessage(Buffer.concat([CHUNKED_HEAD, input]));
  assert.ok(seen, 'llhttp refuses what we accept');
  assert.equal(seen.length, CHUNKED_HEAD.length + consumed, 'another end of the message');
  assert.deepEqual(seen.body, body, 'another body');
  return true;
}

/** A verdict about a flight does not change with more bytes, nor with other cuts between its records. */
function hello(input: Buffer, cut: number): boolean {
  const whole = parseClientHello(input);
  const part = parseClientHello(input.subarray(0, cut));
  if (part.kind !== 'partial' && cut > 0) assert.deepEqual(part, whole, 'a part says otherwise than the whole');
  if (whole.kind !== 'hello') return false;
  const records = Buffer.concat(handshakes(input));
  const size = 1 + (cut % 60);
  const again: Buffer[] = [];
  for (let at = 0; at < records.length; at += size) {
    const piece = records.subarray(at, at + size);
    again.push(Buffer.from([22, 3, 1, piece.length >> 8, piece.length & 255]), piece);
  }
  assert.deepEqual(parseClientHello(Buffer.concat(again)), whole, 'other records, another name');
  return true;
}

function handshakes(input: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; input[at] === 22 && at + 5 <= input.length;) {
    const length = input.readUInt16BE(at + 3);
    found.push(input.subarray(at + 5, at + 5 + length));
    at += 5 + length;
  }
  return found;
}

/** Turns of the event loop after which OpenSSL has read all bytes. */
const SETTLE_TURNS = 8;

/** The name that OpenSSL takes from a first flight, if any, is the one that we judge. */
async function helloAsOpenssl(input: Buffer): Promise<boolean> {
  const names: string[] = [];
  const wire = new Duplex({ read() {}, write: (_piece, _encoding, done) => done() });
  const server = new tls.TLSSocket(wire, {
    isServer: true,
    SNICallback: (name, done) => {
      names.push(name);
      done(new Error('enough'));
    },
  });
  let over = false;
  for (const event of ['error', 'close', '_tlsError']) server.on(event, () => (over = true));
  wire.push(input);
  for (let turns = 0; turns < SETTLE_TURNS && !over && names.length === 0; turns++)
    await new Promise((resolve) => setImmediate(resolve));
  server.destroy();
  wire.destroy();
  const ours = parseClientHello(input);
  const [name] = names;
  if (name === undefined) return false;
  assert.equal(ours.kind, 'hello', `OpenSSL reads ${JSON.stringify(name)} where we see ${ours.kind}`);
  assert.equal(ours.kind === 'hello' ? ours.serverName : null, name, 'OpenSSL reads another name');
  return true;
}
