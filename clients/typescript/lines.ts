/**
 * Splits a byte stream into lines at LF alone (U+2028 and a lone CR are content) and decodes each line as UTF-8.
 *
 * The pieces of a long line are joined once, so a line of any length is copied once. Returns the function that receives
 * the chunks of the stream. That function throws when a line grows beyond `maxBytes`.
 */
export function splitLines(onLine: (line: string) => void, maxBytes: number): (chunk: Buffer) => void {
  let pieces: Buffer[] = [];
  let pending = 0;

  return (chunk) => {
    let start = 0;
    for (let end = chunk.indexOf(LF); end !== -1; end = chunk.indexOf(LF, start)) {
      const tail = chunk.subarray(start, end);
      start = end + 1;
      const line = pending === 0 ? tail : Buffer.concat([...pieces, tail]);
      pieces = [];
      pending = 0;
      onLine(line.toString('utf8'));
    }
    if (start === chunk.length) return;
    pieces.push(chunk.subarray(start));
    pending += chunk.length - start;
    if (pending > maxBytes) throw new Error(`the server sent a line of more than ${maxBytes} bytes`);
  };
}

const LF = 0x0a;
