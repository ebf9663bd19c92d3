/** What the mutations start from: everything that is right, and what once was wrong elsewhere. */
const CRLF = '\r\n';
const lines = (...text: string[]): string => text.join(CRLF);
const buffers = (texts: readonly string[]): Buffer[] => texts.map((text) => Buffer.from(text, 'latin1'));

export const MESSAGES = buffers([
  lines('GET http://ok.test/a?b HTTP/1.1', 'Host: ok.test', '', ''),
  lines('GET / HTTP/1.1', 'Host: ok.test:8080', 'Connection: close', '', ''),
  lines('GET http://user:pw@ok.test:81/#x HTTP/1.0', 'Connection: keep-alive', '', ''),
  lines('OPTIONS * HTTP/1.1', 'Host: ok.test', '', ''),
  lines('CONNECT ok.test:443 HTTP/1.1', 'Host: ok.test:443', '', ''),
  lines('CONNECT [2001:db8::1]:443 HTTP/1.1', '', ''),
  lines(
    'POST http://ok.test/ HTTP/1.1',
    'Host: ok.test',
    'Content-Length: 5',
    '',
    'abcdeGET http://evil.test/ HTTP/1.1',
    '',
    '',
  ),
  lines('POST http://ok.test/ HTTP/1.1', 'Host: ok.test', 'Transfer-Encoding: chunked', '', '5', 'abcde', '0', '', ''),
  lines(
    'PUT http://ok.test/ HTTP/1.1',
    'Host: ok.test',
    'Transfer-Encoding: chunked',
    '',
    '3;a=b',
    'abc',
    'A',
    '0123456789',
    '0',
    'X-T: y',
    '',
    'rest',
  ),
  lines(
    'POST http://ok.test/ HTTP/1.1',
    'Host: ok.test',
    'Content-Length: 4',
    'Transfer-Encoding: chunked',
    '',
    '0',
    '',
    '',
  ),
  lines('GET http://[::ffff:127.0.0.1]:80/ HTTP/1.1', 'Host: [::ffff:127.0.0.1]', 'X: y', '', ''),
  lines('GET http://0x7f.1/ HTTP/1.1', 'Host: 127.0.0.1', '', ''),
  lines(
    'GET http://xn--bcher-kva.test/ HTTP/1.1',
    'Host: xn--bcher-kva.test',
    'Connection: x-a, close',
    'X-A: 1',
    '',
    '',
  ),
  lines('GET http://ok.test/ HTTP/1.1', 'Host: ok.test', 'Expect: 100-continue', 'Content-Length: 1', '', 'x'),
]);

export const MESSAGE_WORDS = [
  CRLF,
  '\n',
  '\r',
  '\0',
  ' ',
  '\t',
  ': ',
  'Content-Length: 3\r\n',
  'Content-Length: 0\r\n',
  'Content-Length: +1\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Transfer-Encoding: xchunked\r\n',
  'transfer-encoding:\tchunked\r\n',
  'Host: evil.test\r\n',
  'Host: ok.test\r\n',
  '@evil.test',
  'evil.test',
  'http://',
  'https://',
  'ok.test',
  ' HTTP/1.1\r\n',
  ' HTTP/1.0',
  '%00',
  '%0d%0a',
  '\r\n\r\n',
  '0\r\n\r\n',
  '\r\n ',
  'ffffffffffffffff',
  '-1',
  '0x',
  ';',
  ',',
  '127.0.0.1',
  '[::1]',
  ':65536',
  ':0',
  '\\',
  '#',
  '?',
  'Connection: close\r\n',
] as const;

export const HOSTS = buffers([
  'ok.test',
  'a.b.ok.test.',
  'OK.TEST',
  'xn--bcher-kva.test',
  '127.0.0.1',
  '0x7f.1',
  '017700000001',
  '2130706433',
  '[::1]',
  '::ffff:127.0.0.1',
  '[2001:db8::1]',
  'a_b.test',
  'fe80::1%lo',
  '1.2.3.4.5',
  '64:ff9b::7f00:1',
  '0.0.0.0',
  'localhost',
  '256.1',
  '1e3.test',
  'ok.test:443',
  'user@ok.test',
  '*.ok.test',
  'a-.test',
  '-a.test',
]);
export const HOST_WORDS = [
  '.',
  '..',
  ':',
  '::',
  '[',
  ']',
  '@',
  '%',
  '%25',
  '\0',
  '0x',
  '0',
  '.1',
  'xn--',
  '\xe4',
  '\xad',
  '/',
  '\\',
  '#',
  '?',
  'ok.test',
  'evil.test',
  '255',
  '4294967295',
  'ffff:',
  '127.0.0.1',
  '\u00df',
  '\x7f',
  ' ',
  '\t',
  '\r\n',
] as const;

const name = (text: string, port = '\x01\xbb'): string =>
  `\x05\x01\x00\x03${String.fromCharCode(text.length)}${text}${port}`;
export const SOCKS = buffers([
  `\x05\x01\x00${name('ok.test')}`,
  `\x05\x02\x02\x00${name('evil.test\0.ok.test')}`,
  '\x05\x01\x00\x05\x01\x00\x01\x7f\x00\x00\x01\x00\x50',
  `\x05\x01\x00\x05\x01\x00\x04${'\0'.repeat(15)}\x01\x00\x50`,
  '\x05\x01\x02',
  '\x05\x00',
  '\x04\x01\x00\x50\x7f\x00\x00\x01\x00',
  '\x05\x01\x00\x05\x03\x00\x01\x00\x00\x00\x00\x00\x00',
  `\x05\x01\x00\x05\x02\x00\x03\x07ok.test\x00\x16`,
  `\x05\x03\x00\x01\x02${name('127.0.0.1')}early bytes`,
]);
export const SOCKS_WORDS = [
  '\x05\x01\x00',
  '\x05\x01\x00\x03',
  '\x05\x02\x00',
  '\x05\x03\x00',
  '\xff',
  '\x00',
  '\x04',
  'ok.test',
  '127.0.0.1',
  '\0',
  '\x07ok.test\x00\x50',
  '::1',
  '0x7f.1',
] as const;

export const CHUNKS = buffers([
  '5\r\nabcde\r\n0\r\n\r\n',
  '3;a=b\r\nabc\r\nA\r\n0123456789\r\n0\r\nX-T: y\r\n\r\n',
  '0\r\n\r\n',
  '1;x="y z"\r\nq\r\n0;last\r\nA: b\r\nC: d\r\n\r\nrest',
  '0000000a\r\n0123456789\r\n0\r\n\r\n',
  'fFf\r\n',
  '2\r\n\r\n\r\n0\r\n\r\n',
]);
export const CHUNK_WORDS = [
  '\r\n',
  '\n',
  '\r',
  '0\r\n\r\n',
  '5\r\nabcde\r\n',
  ';',
  ' ',
  '\t',
  '0x',
  '-',
  '+',
  'ffffffffffff',
  '1000000000000',
  '\0',
  ';a="\r\n"',
  'X: y\r\n',
  ': ',
  '\x80',
] as const;

export const HELLO_WORDS = [
  '\x16\x03\x01\x00\x10',
  '\x16\x03\x03',
  '\x00\x00\x00\x0e\x00\x0c\x00\x00\x09evil.test',
  '\x00\x00',
  '\x01\x00',
  '\x17',
  '\x14\x03\x01\x00\x01\x01',
  '\xff\xff',
  '\x00\x0a',
  'evil.test',
  '\0',
  '\x00\x0e',
] as const;

/** A ClientHello as a real client writes it, for this name; in one record or in several. */
export function clientHello(serverName: string | null, recordSize = 16_384): Buffer {
  const u16 = (n: number): Buffer => Buffer.from([n >> 8, n & 255]);
  const sized = (body: Buffer): Buffer => Buffer.concat([u16(body.length), body]);
  const extension = (type: number, body: Buffer): Buffer => Buffer.concat([u16(type), sized(body)]);
  const extensions = [
    extension(0x0017, Buffer.alloc(0)),
    ...(serverName === null
      ? []
      : [extension(0, sized(Buffer.concat([Buffer.from([0]), sized(Buffer.from(serverName, 'latin1'))])))]),
    extension(0x000b, Buffer.from([1, 0])),
    extension(0x000a, sized(Buffer.from([0, 0x1d, 0, 0x17]))),
    extension(0x000d, sized(Buffer.from([4, 3, 8, 4, 4, 1]))),
  ];
  const body = Buffer.concat([
    u16(0x0303),
    Buffer.alloc(32, 7),
    Buffer.from([0]),
    sized(Buffer.from([0xc0, 0x2f, 0xc0, 0x2b, 0x00, 0x9c])),
    Buffer.from([1, 0]),
    sized(Buffer.concat(extensions)),
  ]);
  const message = Buffer.concat([Buffer.from([1, body.length >> 16]), u16(body.length & 0xffff), body]);
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += recordSize)
    records.push(Buffer.from([22, 3, 1]), sized(message.subarray(at, at + recordSize)));
  return Buffer.concat(records);
}
export const HELLOS = [
  clientHello('ok.test'),
  clientHello('evil.test', 40),
  clientHello(null),
  clientHello('a.very.long.name.ok.test', 1),
  clientHello('ok.test\0evil'),
];
