import { ConnectError, ConnectionLostError } from './errors.js';
import type { Handlers } from './handlers.js';
import { Peer } from './peer.js';
import type { OpenTransport, Transport } from './transport.js';
import type { ClientParams, RequestResult } from '../../schema/registry.js';

export type InitializeResult = RequestResult<'initialize'>;

export interface ConnectionOptions {
  /** Name and version of the connecting program. Default: `codexd-client` with an empty version. */
  readonly clientInfo?: ClientParams<'initialize'>['clientInfo'];
  /** The capabilities in `initialize` (docs/protocol/transport.md §2). Every connection sends them. */
  readonly capabilities?: ClientParams<'initialize'>['capabilities'];
  /** Called with the text of every message, before it is sent and as it arrives: for a log of the connection. */
  readonly onMessage?: (direction: 'sent' | 'received', text: string) => void;
  /** Time limit for one connection, `initialize` included. Default 10 000 ms. */
  readonly connectTimeoutMs?: number;
}

/** An open, initialized connection. */
export interface Connection {
  readonly peer: Peer;
  readonly transport: Transport;
  readonly server: InitializeResult;
}

/**
 * Opens a transport and initializes (docs/protocol/transport.md §2). Rejects with ConnectError and then leaves nothing
 * open.
 */
export async function openConnection(
  open: OpenTransport,
  options: ConnectionOptions,
  handlers: Handlers,
): Promise<Connection> {
  const timeoutMs = options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS;
  const peer = new Peer(handlers);
  const { onMessage } = options;
  const receive = (text: string): void => {
    onMessage?.('received', text);
    peer.receive(text);
  };
  const transport = await open(receive, AbortSignal.timeout(timeoutMs));
  peer.start((text) => {
    onMessage?.('sent', text);
    transport.send(text);
  });
  void transport.ended.then((cause) => peer.end(cause));

  try {
    const server = await initialize(peer, options, timeoutMs);
    return { peer, transport, server };
  } catch (error) {
    transport.destroy(error as Error);
    const end = await transport.ended;
    const cause = error instanceof ConnectionLostError ? end : (error as Error);
    throw new ConnectError(`initialize failed: ${cause.message}`, { cause });
  }
}

/** Milliseconds. Long enough for a daemon on a busy machine, short enough for a person who waits. */
const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;

async function initialize(peer: Peer, options: ConnectionOptions, timeoutMs: number): Promise<InitializeResult> {
  const params = {
    clientInfo: options.clientInfo ?? { name: 'codexd-client', title: null, version: '' },
    capabilities: options.capabilities ?? null,
  };
  const server = (await peer.request('initialize', params, { timeoutMs })) as InitializeResult;
  peer.notify('initialized', undefined);
  return server;
}
