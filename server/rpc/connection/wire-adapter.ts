/**
 * The seam between the wire and vscode-jsonrpc: its reader and its writer.
 *
 * The protocol differs from vscode-jsonrpc in three points. This file translates them:
 * - Ids of requests. vscode-jsonrpc knows doubles and strings, drops the first of two queued requests with the same id,
 *   and cannot tell 1 from "1". The protocol repeats 64-bit integers exactly and allows an id twice in flight
 *   (docs/protocol/transport.md §1, §5). So every request gets an alias, and `incoming` keeps its wire id until the
 *   answer.
 * - Ids of server requests. They are one sequence for the process (docs/protocol/transport.md §10), not for the
 *   connection. `outgoing` maps them to the ids of vscode-jsonrpc.
 * - Envelopes. encode.ts writes the bytes, without a `jsonrpc` member.
 *
 * In both directions vscode-jsonrpc carries a wrapper in the place of the params.
 */
import type { Message, MessageReader, MessageWriter } from 'vscode-jsonrpc';
import type { ErrorObject, Incoming, WireId } from '../wire/message.js';

export interface WireAdapterOptions {
  /** Writes the answer to a request of the client. */
  readonly answer: (request: IncomingRequest, result: unknown, error: ErrorObject | undefined) => void;
  /** Writes a server request. */
  readonly request: (wireId: number, method: string, params: unknown) => void;
}

/** A request of the client without an answer. */
export interface IncomingRequest {
  readonly id: WireId;
  readonly method: string;
  /** Runs directly after the answer. */
  readonly after: (() => void)[];
}

/** The params of a client's request, as the handler of vscode-jsonrpc receives them. */
export interface IncomingParams {
  readonly request: IncomingRequest;
  readonly params: unknown;
}

/** The params of a server request, as vscode-jsonrpc must receive them. */
export interface OutgoingParams {
  readonly wireId: number;
  readonly params: unknown;
}

export interface WireAdapter {
  readonly reader: MessageReader;
  readonly writer: MessageWriter;
  /** Passes a message of the client on. Drops an answer to a request that this connection did not receive. */
  deliver(message: Extract<Incoming, { kind: 'request' | 'response' | 'error' }>): void;
  /** Ends a pending server request with this error. Does nothing when the request already has an answer. */
  fail(wireId: number, error: ErrorObject): void;
  /** The number of the client's requests without an answer. */
  inFlight(): number;
}

export function createWireAdapter(options: WireAdapterOptions): WireAdapter {
  const incoming = new Map<number, IncomingRequest>();
  const outgoing = new Map<number, number>();
  let aliases = 0;
  let receive: (message: Message) => void = () => {};

  const settle = (wireId: number, outcome: { result: unknown } | { error: ErrorObject }): void => {
    const id = outgoing.get(wireId);
    if (id === undefined) return;
    outgoing.delete(wireId);
    const answer: Message & { id: number } = { ...V2, id, ...outcome };
    receive(answer);
  };

  return {
    reader: {
      onError: noEvent,
      onClose: noEvent,
      onPartialMessage: noEvent,
      listen(callback) {
        receive = callback;
        return { dispose() {} };
      },
      dispose() {},
    },
    writer: {
      onError: noEvent,
      onClose: noEvent,
      write(message) {
        if ('method' in message) {
          const { id, method, params } = message as OutgoingRequest;
          outgoing.set(params.wireId, id);
          options.request(params.wireId, method, params.params);
        } else {
          const { id: alias, result, error } = message as Answer;
          const request = incoming.get(alias)!;
          incoming.delete(alias);
          options.answer(request, result, error);
        }
        return WRITTEN;
      },
      end() {},
      dispose() {},
    },
    deliver(message) {
      if (message.kind === 'request') {
        const alias = aliases++;
        const request: IncomingRequest = { id: message.id, method: message.method, after: [] };
        incoming.set(alias, request);
        const params: IncomingParams = { request, params: message.params };
        receive({ ...V2, id: alias, method: message.method, params } as Message);
        return;
      }
      // `outgoing` holds only the requests of this connection, so no other connection can answer them
      // (docs/protocol/transport.md §10). The type must match too: "0" is not 0.
      if (typeof message.id !== 'number') return;
      settle(message.id, message.kind === 'error' ? { error: message.error } : { result: message.result });
    },
    fail: (wireId, error) => settle(wireId, { error }),
    inFlight: () => incoming.size,
  };
}

interface OutgoingRequest extends Message {
  readonly id: number;
  readonly method: string;
  readonly params: OutgoingParams;
}
interface Answer extends Message {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: ErrorObject;
}

const V2 = { jsonrpc: '2.0' } as const;
const WRITTEN = Promise.resolve();
const noEvent = () => ({ dispose() {} });
