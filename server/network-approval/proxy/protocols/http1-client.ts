/** One request on an HTTP/1 connection, as what is forwarded for it sees its client. */
import { STATUS_CODES } from 'node:http';
import type net from 'node:net';
import type { ByteReader } from '../http/byte-reader.js';
import { finalStatus, passBody, type ClientEnd } from '../http/client-end.js';
import { clientHeaders } from '../http/headers.js';
import { readBody } from '../http/request-body.js';
import type { RequestHead } from '../http/request-head.js';
import { fieldLines, interimHead, responseHead, writeAnswer, type Next } from '../http/local-answers.js';
import { passableTrailers } from '../http/trailers.js';

export function http1Client(head: RequestHead, reader: ByteReader, socket: net.Socket): ClientEnd {
  let rawTrailers: readonly string[] = [];
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
    body: () => readBody(reader, head.body, (raw) => (rawTrailers = raw)),
    trailers: () => passableTrailers(rawTrailers),
    inform(status, rawHeaders) {
      // An upstream may say 100 unasked, and a client that asked for nothing would take it for the answer.
      if (head.minorVersion === 0 || status === 101 || (status === 100 && !head.expectContinue)) return;
      const headers = status === 100 ? [] : clientHeaders(rawHeaders);
      socket.write(interimHead(head, status, headers), 'latin1');
    },
    async pass(answer) {
      const status = finalStatus(answer);
      const bodiless = head.method === 'HEAD' || status === 204 || status === 304;
      const sized = bodiless || hasLength(answer.rawHeaders);
      const chunked = !sized && head.minorVersion === 1;
      const next: Next = head.keepAlive && (sized || chunked) ? 'keep' : 'close';
      const phrase = answer.phrase ?? STATUS_CODES[status] ?? '';
      const response = { status, phrase, headers: clientHeaders(answer.rawHeaders, chunked) };
      socket.cork();
      socket.write(responseHead(head, response, chunked ? 'chunked' : 'as-is', next), 'latin1');
      const passed = passBody(answer, socket, (piece) => (chunked ? writeChunk(socket, piece) : socket.write(piece)));
      // Head and first piece leave together: what of the body is there comes in a tick that is already set.
      process.nextTick(() => socket.uncork());
      await passed;
      if (chunked) socket.write(`0\r\n${fieldLines(passableTrailers(answer.rawTrailers))}\r\n`, 'latin1');
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

function hasLength(raw: readonly string[]): boolean {
  return raw.some((text, i) => i % 2 === 0 && text.toLowerCase() === 'content-length');
}

function writeChunk(socket: net.Socket, piece: Buffer): boolean {
  socket.cork();
  socket.write(`${piece.length.toString(16)}\r\n`);
  socket.write(piece);
  const room = socket.write('\r\n');
  socket.uncork();
  return room;
}
