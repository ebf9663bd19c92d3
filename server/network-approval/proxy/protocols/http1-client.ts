/** One request on an HTTP/1 connection, as what is forwarded for it sees its client. */
import type net from 'node:net';
import type { ByteReader } from '../http/byte-reader.js';
import { finalStatus, passBody, type ClientEnd } from '../http/client-end.js';
import { clientHeaders } from '../http/headers.js';
import { readBody } from '../http/request-body.js';
import type { RequestHead } from '../http/request-head.js';
import { responseHead, statusLine, writeAnswer, type Next } from '../http/local-answers.js';

export function http1Client(head: RequestHead, reader: ByteReader, socket: net.Socket): ClientEnd {
  return {
    get gone() {
      return reader.ended || socket.destroyed;
    },
    watch(gone) {
      // The reference takes a half-close for a close too.
      reader.onEnd = gone;
      if (reader.ended) gone();
      return () => (reader.onEnd = null);
    },
    body: () => readBody(reader, head.body),
    continue() {
      // An upstream may say so unasked, and a client that asked for nothing would take it for the answer.
      if (head.expectContinue && head.minorVersion === 1) socket.write(`${statusLine(head, 100, 'Continue')}\r\n`);
    },
    async pass(response) {
      const status = finalStatus(response);
      const bodiless = head.method === 'HEAD' || status === 204 || status === 304;
      const sized = bodiless || response.headers['content-length'] !== undefined;
      const chunked = !sized && head.minorVersion === 1;
      const next: Next = head.keepAlive && (sized || chunked) ? 'keep' : 'close';
      const answer = { status, phrase: response.statusMessage ?? '', headers: clientHeaders(response.rawHeaders) };
      // Head and first piece leave together.
      socket.cork();
      process.nextTick(() => socket.uncork());
      socket.write(responseHead(head, answer, chunked ? 'chunked' : 'as-is', next), 'latin1');
      await passBody(response, socket, (piece) => (chunked ? writeChunk(socket, piece) : socket.write(piece)));
      if (chunked) socket.write('0\r\n\r\n');
      return next;
    },
    answer(answer) {
      const next = head.keepAlive && head.body.kind === 'none' ? 'keep' : 'close';
      writeAnswer(socket, head, answer, next);
      return next;
    },
    cutOff: () => void socket.destroy(),
  };
}

function writeChunk(socket: net.Socket, piece: Buffer): boolean {
  socket.cork();
  socket.write(`${piece.length.toString(16)}\r\n`);
  socket.write(piece);
  const room = socket.write('\r\n');
  socket.uncork();
  return room;
}
