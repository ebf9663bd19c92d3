/** Image files as data URLs. Their first bytes determine the type, because a file's name proves nothing. */
import { CodexdError, isCode } from '../../../errors/codexd-error.js';

const imageError = (message: string): CodexdError => new CodexdError('tool.image', message);

const KINDS: readonly (readonly [string, (bytes: Buffer) => boolean])[] = [
  ['image/png', (bytes) => bytes.subarray(0, 8).equals(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'))],
  ['image/jpeg', (bytes) => bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff],
  ['image/gif', (bytes) => /^GIF8[79]a$/.test(bytes.toString('latin1', 0, 6))],
  ['image/webp', (bytes) => bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP'],
];

/** Throws `tool.image` for everything except PNG, JPEG, GIF and WebP. */
export function imageData(bytes: Buffer): string {
  const kind = KINDS.find(([, is]) => is(bytes))?.[0];
  if (kind === undefined) throw imageError('invalid or unsupported image data');
  return `data:${kind};base64,${bytes.toString('base64')}`;
}

/** The text that replaces an invalid image. */
export const OMITTED_IMAGE = 'image content omitted because it could not be processed';

/**
 * The image of a client's data URL, with the type of its bytes. Null: it is not an image. Other addresses stay
 * unchanged: the endpoint fetches them.
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
