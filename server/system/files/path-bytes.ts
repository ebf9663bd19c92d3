/**
 * Names of files as text that does not lose a byte.
 *
 * Threat: to Linux a name is bytes. Decoded as UTF-8 a name that is none becomes another one, which leads nowhere: what
 * was to be hidden or protected is then left out in silence.
 * Rule: a byte that is not UTF-8 stands in the text as a lone surrogate (U+DC80 to U+DCFF), as Python's
 * `surrogateescape` has it, and becomes that byte again wherever a path leaves for the kernel: `nativePath` for calls
 * of `node:fs`, `encodePath` for files and descriptors that other programs read. Nothing else than such text is
 * changed.
 * Scope: everything that lists folders, reads links or names mounts. Non-scope: arguments of a process, which Node
 * writes as UTF-8 only.
 */
import fs from 'node:fs';

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

/** By the first byte of a UTF-8 sequence; what is none is judged by decoding it. */
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

// With the `u` flag a low surrogate of a pair would not match; without it one may, which only costs the slower way.
const hasEscapes = (text: string): boolean => HAS_ESCAPE.test(text);

/** What `node:fs` is to be given for a path. */
export const nativePath = (text: string): string | Buffer => (hasEscapes(text) ? encodePath(text) : text);

/** One text a path: two texts of the same bytes become the same. */
export const normalPath = (text: string): string => (hasEscapes(text) ? decodePath(encodePath(text)) : text);

export interface FolderEntry {
  readonly name: string;
  readonly kind: 'folder' | 'link' | 'other';
}

/**
 * What is in a folder, with kinds. Throws what `fs.readdirSync` throws of the folder itself. What vanishes meanwhile is
 * 'other': where a file system does not tell the kinds (/proc for a process that is ending), Node looks at each entry,
 * and throws for one that is gone.
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

// eslint-disable-next-line no-restricted-syntax -- the one place
const WITH_KINDS = { withFileTypes: true } as const;

/** The listing had succeeded by then. */
const isOfAnEntry = (error: unknown): boolean => (error as NodeJS.ErrnoException).syscall === 'lstat';

const toEntry = (entry: fs.Dirent): FolderEntry => ({
  name: entry.name,
  kind: entry.isDirectory() ? 'folder' : entry.isSymbolicLink() ? 'link' : 'other',
});

/** For the rare folder with a name that is not UTF-8 (or that really has the replacement character in it). */
function listBytes(folder: string): readonly FolderEntry[] {
  return fs.readdirSync(nativePath(folder), { encoding: 'buffer' }).map((bytes) => {
    const name = decodePath(bytes);
    const stat = fs.lstatSync(nativePath(`${folder}/${name}`), { throwIfNoEntry: false });
    return { name, kind: stat?.isDirectory() ? 'folder' : stat?.isSymbolicLink() ? 'link' : 'other' };
  });
}

/** As `fs.readlinkSync`. */
export const readLink = (link: string): string => decodePath(fs.readlinkSync(nativePath(link), 'buffer'));
