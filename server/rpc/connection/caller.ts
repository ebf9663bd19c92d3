import type { NotificationParams, ServerNotificationMethod } from '../../../schema/registry.js';
import type { RequestParams, RequestResult, ClientRequestMethod } from '../../../schema/registry.js';
import type { ServerRequestMethod, ServerRequestParams, ServerRequestResult } from '../../../schema/registry.js';

/** What a client said about itself in `initialize` (docs/protocol/transport.md §2). */
export interface ClientIdentity {
  readonly name: string;
  readonly version: string;
  readonly title: string | null;
}

/** The connection that a request came from, as handlers see it. */
export interface Caller {
  /** Unique in this process, never reused. */
  readonly connectionId: number;
  readonly transport: 'stdio' | 'websocket' | 'unix';
  readonly client: ClientIdentity;
  /** `capabilities.experimentalApi` (docs/protocol/transport.md §2). */
  readonly experimentalApi: boolean;
  /** The `capabilities` object as the client sent it (codexd's own extensions are declared here too). */
  readonly capabilities: Readonly<Record<string, unknown>>;
  /** Aborted when the connection ends, however it ends. */
  readonly closed: AbortSignal;
  /** Sends a notification to this connection unless it opted out. Never blocks; order of calls is order on the wire. */
  notify<M extends ServerNotificationMethod>(method: M, params: NotificationParams<M>): void;
  /** As notify, for bulk output: the text member `key` becomes the base64 of `bytes`, at a third of the cost. */
  notifyBytes<M extends ServerNotificationMethod, K extends keyof NotificationParams<M> & string>(
    method: M,
    params: Omit<NotificationParams<M>, K>,
    key: K,
    bytes: Buffer,
  ): void;
  /**
   * Asks this connection; only an answer that arrives on it counts (docs/protocol/transport.md §10). Rejects with
   * RpcError when the client answers with an error or with something of another shape, when `signal` aborts (a later
   * answer then counts for nothing), and when the connection ends. `id` is for a question that several connections get
   * under one id (docs/protocol/transport.md §8): take it from RpcServer.nextRequestId(). `sent` is told the id once
   * the question is on its way.
   */
  request<M extends ServerRequestMethod>(
    method: M,
    params: ServerRequestParams<M>,
    options?: { signal?: AbortSignal; id?: number; sent?: (id: number) => void },
  ): Promise<ServerRequestResult<M>>;
  /**
   * Resolves when what was sent so far has left the process's own buffers below the high-water mark: producers of bulk
   * output (command/exec/outputDelta) wait for it before they read more, so that a slow client costs no memory.
   */
  drained(): Promise<void>;
}

/** What a handler may know about the request besides its params. */
export interface RequestContext {
  readonly requestId: string | number | bigint;
  /**
   * Does `work` right behind this request's answer, before anything else of this daemon can be written: for
   * notifications that must follow it (docs/protocol/threads.md §3). It is done, too, when the answer is an error or
   * the client has gone.
   */
  afterAnswer(work: () => void): void;
}

/** One method's implementation. Params are decoded, defaults filled in. */
export type Handler<M extends ClientRequestMethod> = (
  params: RequestParams<M>,
  caller: Caller,
  context: RequestContext,
) => RequestResult<M> | Promise<RequestResult<M>>;

/** The handlers that app.ts hands to the router: a method without one is answered `not supported by codexd`. */
export type HandlerTable = { readonly [M in ClientRequestMethod]?: Handler<M> };
