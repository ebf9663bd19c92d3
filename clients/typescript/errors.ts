/**
 * What can go wrong for a client, one class a cause, so that `instanceof` (or `kind`) decides what to do next:
 * a ServerError is an answer, a ConnectionLostError leaves open whether the server acted, the others mean that the
 * request was never carried out or that nobody waits for it any more.
 */
export abstract class ClientError extends Error {
  abstract readonly kind: 'server' | 'timeout' | 'lost' | 'connect' | 'closed' | 'protocol';
}

/** The server answered with a JSON-RPC error (docs/protocol/transport.md §1). */
export class ServerError extends ClientError {
  readonly kind = 'server';
  readonly code: number;
  readonly data: unknown;
  readonly method: string;

  constructor(method: string, error: { code: number; message: string; data?: unknown }) {
    super(error.message);
    this.name = 'ServerError';
    this.method = method;
    this.code = error.code;
    this.data = error.data;
  }
}

/** No answer within `timeoutMs`. The protocol has no cancellation: the server may still be working on it. */
export class RequestTimeoutError extends ClientError {
  readonly kind = 'timeout';
  readonly method: string;
  readonly timeoutMs: number;

  constructor(method: string, timeoutMs: number) {
    super(`no answer to ${method} within ${timeoutMs} ms`);
    this.name = 'RequestTimeoutError';
    this.method = method;
    this.timeoutMs = timeoutMs;
  }
}

/** The connection ended after the request was sent and before its answer: whether the server acted is unknown. */
export class ConnectionLostError extends ClientError {
  readonly kind = 'lost';
  readonly method: string;

  constructor(method: string, cause: Error) {
    super(`the connection ended before ${method} was answered: ${cause.message}`, { cause });
    this.name = 'ConnectionLostError';
    this.method = method;
  }
}

/** A connection could not be made, or the server refused `initialize`. */
export class ConnectError extends ClientError {
  readonly kind = 'connect';
  /** The HTTP status that a listener answered instead of upgrading (401, 403 …); null when it did not come to that. */
  readonly status: number | null;

  constructor(message: string, options: { cause?: unknown; status?: number } = {}) {
    super(message, { cause: options.cause });
    this.name = 'ConnectError';
    this.status = options.status ?? null;
  }
}

/** The client is closed for good: by `close()`, by the end of its server, or after the last attempt to reconnect. */
export class ClientClosedError extends ClientError {
  readonly kind = 'closed';

  constructor(cause: Error | null) {
    super(cause ? `the client is closed: ${cause.message}` : 'the client is closed', { cause: cause ?? undefined });
    this.name = 'ClientClosedError';
  }
}

/**
 * The server sent something that is no message of the protocol. The connection is ended: what follows cannot be
 * trusted.
 */
export class ProtocolError extends ClientError {
  readonly kind = 'protocol';

  constructor(message: string) {
    super(message);
    this.name = 'ProtocolError';
  }
}
