/**
 * Java's list of root certificates, in the form of distributions (JKS), with one certificate more. The form is that of
 * OpenJDK's own reader: a header, entries, and a digest of them with the list's password. Numbers are big-endian.
 */
import { createHash } from 'node:crypto';

const MAGIC = 0xfeedfeed;
const VERSION = 2;
const HEADER_BYTES = 12;
/** In the header, after magic and version: how many entries there are. */
const COUNT = 8;
const DIGEST_BYTES = 20;
/** The kind of an entry that is a trusted certificate. */
const TRUSTED = 2;
/** Of every list that a JDK or a distribution makes (keytool(1)). */
const PASSWORD = 'changeit';
const SALT = 'Mighty Aphrodite';

/**
 * `certificate`: DER. `alias`: its name in the list, ASCII, lower case. Null: the list has another form or password, or
 * is not whole, so it must stay.
 */
export function withRoot(list: Buffer, certificate: Buffer, alias: string): Buffer | null {
  if (list.length < HEADER_BYTES + DIGEST_BYTES) return null;
  if (list.readUInt32BE(0) !== MAGIC || list.readUInt32BE(4) !== VERSION) return null;
  const content = list.subarray(0, -DIGEST_BYTES);
  if (!digestOf(content).equals(list.subarray(-DIGEST_BYTES))) return null;
  const changed = Buffer.concat([
    content,
    number(TRUSTED),
    text(alias),
    Buffer.alloc(8), // Its date: always the same, so that equal lists are equal.
    text('X.509'),
    number(certificate.length),
    certificate,
  ]);
  changed.writeUInt32BE(list.readUInt32BE(COUNT) + 1, COUNT);
  return Buffer.concat([changed, digestOf(changed)]);
}

function digestOf(content: Buffer): Buffer {
  const password = Buffer.from(PASSWORD, 'utf16le').swap16();
  return createHash('sha1').update(password).update(SALT).update(content).digest();
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1');
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
