import { CodexdError } from '../../../errors/codexd-error.js';
import type http from 'node:http';
import type { Writable } from 'node:stream';
import type { LocalAnswer, Next } from './local-answers.js';

/** The client's end of one exchange: a request on an HTTP/1 connection, or an HTTP/2 stream. */
export interface ClientEnd {
  readonly gone: boolean;
  /** `gone` is called when the client goes away, at once when it is gone already. Returns what stops the watch. */
  watch(gone: () => void): () => void;
  /** The octets of the request's body. Throws when its framing is broken or the client goes away. */
  body(): AsyncIterable<Buffer>;
  /** 100 (Continue), to a client that waits for it. */
  continue(): void;
  /**
   * Passes the upstream's answer on, head and body. Rejects with `proxy.cut-off` when one of the two fails under way.
   */
  pass(response: http.IncomingMessage): Promise<Next>;
  /** Answers itself; nothing has been passed on before. */
  answer(answer: LocalAnswer): Next;
  /** Ends so that what was passed on does not look whole. */
  cutOff(): void;
}

/** The upstream, or the client, failed after the answer's head had gone out. */
const answerCutOff = (message: string): CodexdError => new CodexdError('proxy.cut-off', message);

/**
 * The status of a final answer. Throws for any other: a 101 that nobody asked for would leave the two sides of this
 * proxy in different protocols.
 */
export function finalStatus({ statusCode = 0 }: http.IncomingMessage): number {
  if (statusCode < 200)
    throw new CodexdError('network.upstream', `the upstream answered ${statusCode}, which ends nothing`);
  return statusCode;
}

/** The body of a response, each side waiting for the other's buffer. `write`: false when the sink has no room. */
export function passBody(
  response: http.IncomingMessage,
  sink: Writable,
  write: (piece: Buffer) => boolean,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const resume = (): void => void response.resume();
    sink.on('drain', resume);
    const settle = (done: () => void): void => {
      sink.off('drain', resume);
      sink.off('close', gone);
      done();
    };
    const gone = (): void => settle(() => reject(answerCutOff('the client went away')));
    sink.once('close', gone);
    response.on('data', (piece: Buffer) => {
      if (!write(piece)) response.pause();
    });
    response.once('end', () => settle(resolve));
    response.once('close', () => {
      if (!response.complete) settle(() => reject(answerCutOff('the upstream was cut off')));
    });
    response.on('error', () => settle(() => reject(answerCutOff('the upstream failed'))));
  });
}
