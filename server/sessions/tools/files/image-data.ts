/** Image files as data URLs, told apart by their first bytes: what a name says about a file is nobody's promise. */
import { CodexdError, isCode } from '../../../errors/codexd-error.js';

const imageError = (message: string): CodexdError => new CodexdError('tool.image', message);

const KINDS: readonly (readonly [string, (bytes: Buffer) => boolean])[] = [
  ['image/png', (bytes) => bytes.subarray(0, 8).equals(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'))],
  ['image/jpeg', (bytes) => bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff],
  ['image/gif', (bytes) => /^GIF8[79]a$/.test(bytes.toString('latin1', 0, 6))],
  ['image/webp', (bytes) => bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP'],
];

/** Throws `tool.image` for anything but PNG, JPEG, GIF and WebP. */
export function imageData(bytes: Buffer): string {
  const kind = KINDS.find(([, is]) => is(bytes))?.[0];
  if (kind === undefined) throw imageError('invalid or unsupported image data');
  return `data:${kind};base64,${bytes.toString('base64')}`;
}

/** What stands in the place of an image that nobody can look at. */
export const OMITTED_IMAGE = 'image content omitted because it could not be processed';

/**
 * An image that a client sends as a data URL, with the type that its bytes have. Null: it is no image. Other addresses
 * stay as they are: the endpoint fetches them.
 */
export function inlineImage(url: string): string | null {
  const found = /^data:[^,]*;base64,(?<data>[A-Za-z0-9+/=_-]*)$/i.exec(url);
  if (found === null) return /^data:/i.test(url) ? null : url;
  try {
    return imageData(Buffer.from(found.groups?.data ?? '', 'base64'));
  } catch (error) {
    if (isCode(error, 'tool.image')) return null;
    throw error;
  }
}
