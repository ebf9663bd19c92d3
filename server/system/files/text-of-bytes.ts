/** The text of a file that a person wrote, in the encodings that editors give such files. */

/**
 * UTF-8, or UTF-16 where a byte order mark says so; the mark is no part of the text. `cut`: the bytes are the beginning
 * of a longer file, and a character that the end cuts through is left out.
 */
export function textOfBytes(bytes: Buffer, { cut = false } = {}): string {
  return new TextDecoder(encodingOf(bytes)).decode(bytes, { stream: cut });
}

function encodingOf([first, second]: Buffer): string {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
}
