/** Stores a command's output: its beginning and its end. The bytes between them are only counted. */
import { StringDecoder } from 'node:string_decoder';

/** How many bytes an item stores (docs/protocol/turns.md §4 "Truncation"): half from the head, half from the tail. */
const KEPT_BYTES = 1024 * 1024;

export interface Transcript {
  /** Adds output and returns it as text. The bytes of an incomplete character wait for the rest. */
  push(bytes: Buffer): string;
  /** Ends the output; returns the replacement for an incomplete character. */
  end(): string;
  /** The output since the last call. */
  take(): { readonly text: string; readonly bytes: number };
  /** The whole stored output; null: there was none. */
  all(): string | null;
}

export function createTranscript(): Transcript {
  const decoder = new StringDecoder('utf8');
  const whole = headAndTail(KEPT_BYTES);
  let fresh = headAndTail(KEPT_BYTES);
  const keep = (text: string): string => {
    whole.push(text);
    fresh.push(text);
    return text;
  };
  return {
    push: (bytes) => keep(decoder.write(bytes)),
    end: () => keep(decoder.end()),
    take() {
      const taken = { text: fresh.text(), bytes: fresh.bytes() };
      fresh = headAndTail(KEPT_BYTES);
      return taken;
    },
    all: () => (whole.bytes() === 0 ? null : whole.text()),
  };
}

function headAndTail(limit: number) {
  const half = limit / 2;
  const head: string[] = [];
  let headBytes = 0;
  /** A queue of pieces: the oldest piece is dropped if the others fill the half. */
  const tail: { readonly text: string; readonly bytes: number }[] = [];
  let tailBytes = 0;
  let total = 0;
  const push = (text: string): void => {
    const bytes = Buffer.byteLength(text);
    if (bytes === 0) return;
    total += bytes;
    if (tailBytes === 0 && headBytes + bytes <= half) {
      head.push(text);
      headBytes += bytes;
      return;
    }
    if (tailBytes === 0 && headBytes < half) {
      const raw = Buffer.from(text);
      let cut = half - headBytes;
      while (cut > 0 && ((raw[cut] ?? 0) & 0xc0) === 0x80) cut--;
      head.push(raw.subarray(0, cut).toString());
      headBytes = half;
      total -= raw.length - cut;
      return push(raw.subarray(cut).toString());
    }
    tail.push({ text, bytes });
    tailBytes += bytes;
    for (let [oldest] = tail; oldest !== undefined && tailBytes - oldest.bytes >= half; [oldest] = tail) {
      tail.shift();
      tailBytes -= oldest.bytes;
    }
  };
  return {
    push,
    bytes: () => total,
    text() {
      let end = Buffer.from(tail.map(({ text }) => text).join(''));
      if (end.length > half) {
        let from = end.length - half;
        while (((end[from] ?? 0) & 0xc0) === 0x80) from++;
        end = end.subarray(from);
      }
      const start = head.join('');
      const gone = total - Buffer.byteLength(start) - end.length;
      return gone > 0 ? `${start}\n... ${gone} bytes omitted ...\n${end.toString()}` : start + end.toString();
    },
  };
}
