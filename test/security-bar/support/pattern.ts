/** Bytes that both ends know: no two pieces are equal, so a lost, doubled or moved piece is detected. */
import crypto from 'node:crypto';

const PIECE = 64 * 1024;

export function* pattern(name: string, bytes: number): Generator<Buffer> {
  const cipher = crypto.createCipheriv('aes-128-ctr', crypto.createHash('md5').update(name).digest(), Buffer.alloc(16));
  const zeros = Buffer.alloc(PIECE);
  for (let left = bytes; left > 0; left -= PIECE) yield cipher.update(zeros.subarray(0, Math.min(left, PIECE)));
}

export function sha256(pieces: Iterable<Buffer>): string {
  const hash = crypto.createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
}
