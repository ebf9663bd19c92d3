/** The frames of messages, read again by the receiver of ws. */
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import t from 'tap';
import * as ws from 'ws';
import type { Encoded } from '../../../server/rpc/wire/encode.js';
import { framesOf } from '../../../server/rpc/wire/web-socket-frames.js';

const message = (bytes: number, letter = 'x'): Encoded => Buffer.from(`${letter.repeat(bytes)}\n`) as Encoded;

/** What a client receives from these bytes. The types of ws do not name its receiver. */
async function received(bytes: Buffer): Promise<string[]> {
  const { Receiver } = ws as unknown as { readonly Receiver: new (options: object) => Writable };
  const receiver = new Receiver({ isServer: false, allowSynchronousEvents: true });
  const texts: string[] = [];
  receiver.on('message', (data: Buffer, isBinary: boolean) => texts.push(isBinary ? 'binary' : data.toString()));
  receiver.end(bytes);
  await once(receiver, 'finish');
  return texts;
}

t.test('messages of every length arrive whole, in their order, without their newline', async (t) => {
  const lengths = [0, 1, 125, 126, 127, 65_535, 65_536, 70_000, 3, 16_383, 16_384, 2];
  const messages = lengths.map((length, n) => message(length, String.fromCharCode(97 + n)));
  const texts = await received(Buffer.concat(framesOf(messages)));
  t.strictSame(
    texts.map((text) => [text.length, text.slice(0, 1)]),
    lengths.map((length, n) => [length, length === 0 ? '' : String.fromCharCode(97 + n)]),
  );
});

t.test('small messages are one piece; a large one is not copied', async (t) => {
  const large = message(100_000);
  const pieces = framesOf([message(10), message(20), large, message(30)]);
  t.strictSame(
    pieces.map(({ length }) => length),
    [2 + 10 + 2 + 20, 10, 100_000, 2 + 30],
  );
  t.equal(pieces[2]?.buffer, large.buffer);
  t.strictSame(framesOf([]), []);
});
