/** Small images of each format, 40 × 24 pixels, and PNG files of any size. */
import { deflateSync } from 'node:zlib';

const decoded = (lines: readonly string[]): Buffer => Buffer.from(lines.join(''), 'base64');

export const JPEG = decoded([
  '/9j/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERXRTc4UG1RV19iZ2hnPk1xeXBkeFxlZ2P/2wBDARESEhgVGC',
  '8aGi9jQjhCY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2P/wAARCAAYACgDASIAAhEBAxEB/8QAFQAB',
  'AQAAAAAAAAAAAAAAAAAAAAX/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFgEBAQEAAAAAAAAAAAAAAAAAAAQG/8QAFBEBAAAAAAAAAAAAAAAAAA',
  'AAAP/aAAwDAQACEQMRAD8AkAJGoAAAAAAAAAAf/9k=',
]);
export const WEBP = decoded([
  'UklGRkgAAABXRUJQVlA4IDwAAAAwAwCdASooABgAPm02l0ikIyIhJWgAgA2JZwB2AABfF1UwAP7wG9//oUbKJin//9pZ/9Sz/6ln+KgAAAA=',
]);
export const GIF = decoded([
  'R0lGODlhKAAYAIAAAExpccgeKCH5BAUAAAAALAAAAAAoABgAAAIdjI+py+0Po5y02ouz3rz7D4biSJbmiabqyrbuKxUAOw==',
]);

/** Of one colour. */
export function png(width: number, height: number): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2], 8);
  const lines = Buffer.alloc(height * (1 + 3 * width), 0x50);
  for (let y = 0; y < height; y++) lines[y * (1 + 3 * width)] = 0;
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([
    signature,
    piece('IHDR', head),
    piece('IDAT', deflateSync(lines)),
    piece('IEND', Buffer.alloc(0)),
  ]);
}

function piece(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** Node has one since 20.15. */
export function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
