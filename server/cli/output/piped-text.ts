/** Text that is piped into this program. */
import { CodexdError } from '../../errors/codexd-error.js';

/** The complete text of standard input. Throws when the text is longer than `limit` bytes, or is not UTF-8. */
export async function readPipedText(limit: number): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  const input: AsyncIterable<Buffer> = process.stdin;
  for await (const piece of input) {
    length += piece.length;
    if (length > limit) throw new CodexdError('cli.input', `standard input is longer than ${limit} bytes`);
    pieces.push(piece);
  }
  return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(pieces));
}
