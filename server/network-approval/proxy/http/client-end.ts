import { CodexdError } from '../../../errors/codexd-error.js';
import type { Readable, Writable } from 'node:stream';
import type { LocalAnswer, Next } from './local-answers.js';
import type { Header } from './request-head.js';

/** The final answer of an upstream, as it came. */
export interface UpstreamAnswer {
  readonly status: number;
  /** Null in HTTP/2, which has none. */
  readonly phrase: string | null;
  /** A flat list of names and values, without pseudo-headers. */
  readonly rawHeaders: readonly string[];
  /** Its head says that neither a body nor trailers follow. Clients of gRPC see the difference. */
  readonly endsWithHead: boolean;
  readonly body: Readable;
  /** Whether the body has come to its own end. */
  readonly complete: boolean;
  /** Known when the body has ended. */
  readonly rawTrailers: readonly string[];
}

/** The client's end of one exchange: a request on an HTTP/1 connection, or an HTTP/2 stream. */
export interface ClientEnd {
  readonly gone: boolean;
  /** `gone` is called when the client goes away, at once when it is gone already. Returns what stops the watch. */
  watch(gone: () => void): () => void;
  /** The octets of the request's body. Throws when its framing is broken or the client goes away. */
  body(): AsyncIterable<Buffer>;
  /** The fields behind the body that may be passed on; known when the body has ended. */
  trailers(): readonly Header[];
  /**
   * A 1xx answer of the upstream, with its fields as a flat list. 100 (Continue) only reaches a client that waits for
   * it; 101 never does.
   */
  inform(status: number, rawHeaders: readonly string[]): void;
  /**
   * Passes the upstream's answer on, head, body and trailers. Rejects with `proxy.cut-off` when one of the two fails
   * under way.
   */
  pass(answer: UpstreamAnswer): Promise<Next>;
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
export function finalStatus({ status }: UpstreamAnswer): number {
  if (status < 200) throw new CodexdError('network.upstream', `the upstream answered ${status}, which ends nothing`);
  return status;
}

/** The body of an answer, each side waiting for the other's buffer. `write`: false when the sink has no room. */
export function passBody(answer: UpstreamAnswer, sink: Writable, write: (piece: Buffer) => boolean): Promise<void> {
  const { body } = answer;
  return new Promise((resolve, reject) => {
    const resume = (): void => void body.resume();
    sink.on('drain', resume);
    const settle = (done: () => void): void => {
      sink.off('drain', resume);
      sink.off('close', gone);
      done();
    };
    const cut = (message: string) => (): void => settle(() => reject(answerCutOff(message)));
    const gone = cut('the client went away');
    sink.once('close', gone);
    body.on('data', (piece: Buffer) => {
      if (!write(piece)) body.pause();
    });
    // A stream of HTTP/2 ends when it is reset, too.
    body.once('end', () => (answer.complete ? settle(resolve) : cut('the upstream was cut off')()));
    body.once('close', () => {
      if (!answer.complete) cut('the upstream was cut off')();
    });
    body.on('error', cut('the upstream failed'));
  });
}
