/**
 * File names as text without loss of bytes.
 *
 * Threat: on Linux a file name is a sequence of bytes. A name that is not UTF-8 would be decoded to another name, which
 * does not exist. Then a file that must be hidden or protected is missed without an error.
 * Rule: a byte that is not UTF-8 becomes a lone surrogate (U+DC80 to U+DCFF), as with Python's `surrogateescape`. It
 * becomes the byte again when a path is passed to the kernel: `nativePath` for calls of `node:fs`, `encodePath` for
 * files and descriptors that other programs read. Other text does not change.
 * Scope: all code that lists folders, reads links or names mounts. Non-scope: the arguments of a process, which Node
 * always writes as UTF-8.
 */
import fs from 'node:fs';
import { isNodeError } from '../../errors/os-code.js';

const ESCAPE = 0xdc00;
const LOST = '\ufffd';
const HAS_ESCAPE = /[\udc80-\udcff]/;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text of a name or path. */
export function decodePath(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return decodeInParts(bytes);
  }
}

function decodeInParts(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes[at] as number);
    const part = bytes.subarray(at, at + length);
    const decoded = part.length === length ? decodeWhole(part) : null;
    text += decoded ?? String.fromCharCode(ESCAPE + (bytes[at] as number));
    at += decoded === null ? 1 : length;
  }
  return text;
}

function decodeWhole(part: Uint8Array): string | null {
  try {
    return utf8.decode(part);
  } catch {
    return null;
  }
}

/** The length by the first byte of a UTF-8 sequence; decoding shows whether the sequence is valid. */
const sequenceLength = (first: number): number => (first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4);

/** The bytes of such a text. */
export function encodePath(text: string): Buffer {
  if (!hasEscapes(text)) return Buffer.from(text);
  const parts: Uint8Array[] = [];
  let plain = '';
  for (const char of text) {
    const code = char.codePointAt(0) as number;
    if (code < ESCAPE + 0x80 || code > ESCAPE + 0xff) {
      plain += char;
      continue;
    }
    parts.push(Buffer.from(plain), Buffer.of(code - ESCAPE));
    plain = '';
  }
  return Buffer.concat([...parts, Buffer.from(plain)]);
}

// Without the `u` flag the low surrogate of a pair may match as well; then only the slower path is taken.
const hasEscapes = (text: string): boolean => HAS_ESCAPE.test(text);

/** A path in the form for calls of `node:fs`. */
export const nativePath = (text: string): string | Buffer => (hasEscapes(text) ? encodePath(text) : text);

/** The normal form of a path: texts for the same bytes become equal. */
export const normalPath = (text: string): string => (hasEscapes(text) ? decodePath(encodePath(text)) : text);

export interface FolderEntry {
  readonly name: string;
  readonly kind: 'folder' | 'link' | 'other';
}

/**
 * The entries of a folder with their kinds. Throws what `fs.readdirSync` throws for the folder itself. An entry that is
 * removed meanwhile is 'other': if the file system does not report kinds (/proc for a process that ends), Node reads
 * each entry and throws for a removed one.
 */
export function listFolder(folder: string): readonly FolderEntry[] {
  try {
    const entries = fs.readdirSync(nativePath(folder), WITH_KINDS);
    return entries.some(({ name }) => name.includes(LOST)) ? listBytes(folder) : entries.map(toEntry);
  } catch (error) {
    if (!isOfAnEntry(error)) throw error;
    return listBytes(folder);
  }
}

/** As `listFolder`, off the main thread. */
export async function listFolderAsync(folder: string): Promise<readonly FolderEntry[]> {
  try {
    const entries = await fs.promises.readdir(nativePath(folder), WITH_KINDS);
    return entries.some(({ name }) => name.includes(LOST)) ? listBytes(folder) : entries.map(toEntry);
  } catch (error) {
    if (!isOfAnEntry(error)) throw error;
    return listBytes(folder);
  }
}

// eslint-disable-next-line codexd/listing-with-kinds -- the one place
const WITH_KINDS = { withFileTypes: true } as const;

/** The error is about an entry: the folder itself was read. */
const isOfAnEntry = (error: unknown): boolean => isNodeError(error) && error.syscall === 'lstat';

const toEntry = (entry: fs.Dirent): FolderEntry => ({
  name: entry.name,
  kind: entry.isDirectory() ? 'folder' : entry.isSymbolicLink() ? 'link' : 'other',
});

/** For the rare folder with a name that is not UTF-8, or with the replacement character in a name. */
function listBytes(folder: string): readonly FolderEntry[] {
  return fs.readdirSync(nativePath(folder), { encoding: 'buffer' }).map((bytes) => {
    const name = decodePath(bytes);
    const stat = fs.lstatSync(nativePath(`${folder}/${name}`), { throwIfNoEntry: false });
    return { name, kind: stat?.isDirectory() ? 'folder' : stat?.isSymbolicLink() ? 'link' : 'other' };
  });
}

/** As `fs.readlinkSync`. */
export const readLink = (link: string): string => decodePath(fs.readlinkSync(nativePath(link), 'buffer'));
