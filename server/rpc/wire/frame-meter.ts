/**
 * Limits the size of single WebSocket frames (RFC 6455 §5.2): reads frame headers from a copy of the stream and counts
 * over payloads. `ws` limits whole messages only; the protocol also limits the frame (docs/protocol/transport.md §7).
 */

/**
 * Returns a function that receives the stream's chunks. It returns true once a frame announces more than `maxPayload`
 * bytes.
 */
export function createFrameMeter(maxPayload: number): (chunk: Buffer) => boolean {
  const header = Buffer.alloc(LONGEST_HEADER);
  let have = 0; // bytes of the header seen so far
  let payload = 0; // bytes of the current payload still to come
  return (chunk) => {
    let at = 0;
    while (at < chunk.length) {
      if (payload > 0) {
        const skipped = Math.min(payload, chunk.length - at);
        payload -= skipped;
        at += skipped;
        continue;
      }
      header[have++] = chunk[at++]!;
      if (have < 2 || have < headerLength(header)) continue;
      payload = payloadLength(header);
      have = 0;
      if (payload > maxPayload) return true;
    }
    return false;
  };
}

const LONGEST_HEADER = 14; // 2 bytes, 8 of length, 4 of mask

function headerLength(header: Buffer): number {
  const length = header[1]! & 0x7f;
  const mask = header[1]! & 0x80 ? 4 : 0;
  return 2 + mask + (length === 127 ? 8 : length === 126 ? 2 : 0);
}

function payloadLength(header: Buffer): number {
  const length = header[1]! & 0x7f;
  if (length === 126) return header.readUInt16BE(2);
  if (length === 127) return Number(header.readBigUInt64BE(2));
  return length;
}
