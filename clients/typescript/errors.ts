/**
 * The errors of a client, one class for each cause. `instanceof` or `kind` decides what to do next. A ServerError is a
 * response of the server. After a ConnectionLostError it is unknown whether the server executed the request. The other
 * errors mean that the request was never executed, or that nobody waits for its result.
 */
export abstract class ClientError extends Error {
  abstract readonly kind: 'server' | 'timeout' | 'lost' | 'connect' | 'closed' | 'protocol';
}

/** The server responded with a JSON-RPC error (docs/protocol/transport.md §1). */
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

/** No response came within `timeoutMs`. The protocol has no cancellation: the server may still execute the request. */
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

/** The connection ended between a request and its response: it is unknown whether the server executed the request. */
export class ConnectionLostError extends ClientError {
  readonly kind = 'lost';
  readonly method: string;

  constructor(method: string, cause: Error) {
    super(`the connection ended before ${method} was answered: ${cause.message}`, { cause });
    this.name = 'ConnectionLostError';
    this.method = method;
  }
}

/** The connection failed, or the server refused `initialize`. */
export class ConnectError extends ClientError {
  readonly kind = 'connect';
  /** The HTTP status of a listener that did not upgrade (401, 403 …). Null: no HTTP response came. */
  readonly status: number | null;

  constructor(message: string, options: { cause?: unknown; status?: number } = {}) {
    super(message, { cause: options.cause });
    this.name = 'ConnectError';
    this.status = options.status ?? null;
  }
}

/** The client is closed: by `close()`, by the end of its server, or after the last attempt to reconnect. */
export class ClientClosedError extends ClientError {
  readonly kind = 'closed';

  constructor(cause: Error | null) {
    super(cause ? `the client is closed: ${cause.message}` : 'the client is closed', { cause: cause ?? undefined });
    this.name = 'ClientClosedError';
  }
}

/**
 * The server sent text that is not a message of the protocol. The client ends the connection, because it cannot trust
 * the messages that follow.
 */
export class ProtocolError extends ClientError {
  readonly kind = 'protocol';

  constructor(message: string) {
    super(message);
    this.name = 'ProtocolError';
  }
}
