/**
 * What the first bytes of an image say: its format, its size, and how it is turned. What a name or a client says about
 * a file is nobody's promise.
 */

export type ImageFormat = 'png' | 'jpeg' | 'gif' | 'webp';

export interface ImageHeader {
  readonly format: ImageFormat;
  /** In pixels, as they are stored. */
  readonly width: number;
  readonly height: number;
  /** Of Exif, 1 to 8: how the stored pixels are shown. 1: as they are. */
  readonly orientation: number;
}

/** Null: it is not one of these formats, or it ends before it says its size. */
export function readImageHeader(bytes: Buffer): ImageHeader | null {
  if (bytes.subarray(0, 8).equals(PNG)) return png(bytes);
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return jpeg(bytes);
  if (/^GIF8[79]a$/.test(bytes.toString('latin1', 0, 6)) && bytes.length >= 10)
    return header('gif', bytes.readUInt16LE(6), bytes.readUInt16LE(8));
  if (bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP') return webp(bytes);
  return null;
}

const PNG = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

function header(format: ImageFormat, width: number, height: number, orientation = 1): ImageHeader | null {
  return width > 0 && height > 0 ? { format, width, height, orientation } : null;
}

function png(bytes: Buffer): ImageHeader | null {
  if (bytes.length < 24 || bytes.toString('latin1', 12, 16) !== 'IHDR') return null;
  return header('png', bytes.readUInt32BE(16), bytes.readUInt32BE(20));
}

function webp(bytes: Buffer): ImageHeader | null {
  if (bytes.length < 30) return null;
  switch (bytes.toString('latin1', 12, 16)) {
    case 'VP8 ':
      return header('webp', bytes.readUInt16LE(26) & 0x3fff, bytes.readUInt16LE(28) & 0x3fff);
    case 'VP8L': {
      const bits = bytes.readUInt32LE(21);
      return header('webp', (bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1);
    }
    case 'VP8X':
      return header('webp', bytes.readUIntLE(24, 3) + 1, bytes.readUIntLE(27, 3) + 1);
    default:
      return null;
  }
}

/** Markers of a frame; DHT, JPG and DAC lie among them. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

function jpeg(bytes: Buffer): ImageHeader | null {
  let orientation = 1;
  for (let at = 2; at + 9 < bytes.length;) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) {
      at++; // Fill bytes may stand before a marker.
      continue;
    }
    const length = bytes.readUInt16BE(at + 2);
    if (length < 2) return null;
    if (isFrame(marker)) return header('jpeg', bytes.readUInt16BE(at + 7), bytes.readUInt16BE(at + 5), orientation);
    if (marker === 0xe1) orientation = exifOrientation(bytes.subarray(at + 4, at + 2 + length)) ?? orientation;
    at += 2 + length;
  }
  return null;
}

/** TIFF inside of Exif: the tag 0x0112 of the first directory. */
function exifOrientation(segment: Buffer): number | null {
  if (segment.toString('latin1', 0, 6) !== 'Exif\0\0' || segment.length < 14) return null;
  const tiff = segment.subarray(6);
  const little = tiff.toString('latin1', 0, 2) === 'II';
  const short = (at: number): number => (little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const start = little ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  if (start + 2 > tiff.length) return null;
  for (let n = 0, count = short(start); n < count; n++) {
    const entry = start + 2 + n * 12;
    if (entry + 12 > tiff.length) return null;
    if (short(entry) !== 0x0112) continue;
    const value = short(entry + 8);
    return value >= 1 && value <= 8 ? value : null;
  }
  return null;
}
