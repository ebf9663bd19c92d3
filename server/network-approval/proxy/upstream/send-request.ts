/** A judged request to its upstream: in HTTP/1.1, or over TLS in the version that both sides choose (ALPN). */
import { startHttp2 } from './http2-request.js';
import {
  http1Request,
  lineOf,
  startRequest,
  type Inform,
  type SentRequest,
  type UpstreamRequest,
} from './upstream-request.js';

export interface SendOptions {
  /** In HTTP/1.1 on a connection of its own, because the request must not be sent a second time. */
  readonly fresh: boolean;
  /** A connection that there is already has just failed. */
  readonly again: boolean;
  readonly inform: Inform;
}

export interface Sending {
  readonly sent: SentRequest | Promise<SentRequest>;
  /** Ends it, whatever it waits for. */
  abandon(): void;
}

/** The head is set. Throws when the upstream proxy cannot be used. */
export function sendRequest(request: UpstreamRequest, { fresh, again, inform }: SendOptions): Sending {
  const { head, destination, command } = request;
  if (destination.scheme === 'http') {
    const started = startRequest(request, { fresh });
    return { sent: http1Request(started, head, inform), abandon: started.abandon };
  }
  let begun: SentRequest | null = null;
  const line = lineOf(request, { fresh, opened: (socket) => command.closeWithCommand(socket) });
  const chosen = command.pool.choose(line, again, (way): SentRequest => {
    if (way.kind === 'http2') begun = startHttp2(way.line, request, inform);
    else {
      const { socket } = way;
      begun = http1Request(startRequest(request, { fresh, ...(socket === null ? {} : { socket }) }), head, inform);
    }
    return begun;
  });
  return {
    sent: chosen.begun,
    abandon() {
      if (begun === null) chosen.abandon();
      else begun.abandon();
    },
  };
}
