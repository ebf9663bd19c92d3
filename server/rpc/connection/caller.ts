import type { NotificationParams, ServerNotificationMethod } from '../../../schema/registry.js';
import type { RequestParams, RequestResult, ClientRequestMethod } from '../../../schema/registry.js';
import type { ServerRequestMethod, ServerRequestParams, ServerRequestResult } from '../../../schema/registry.js';

/** The client's identity from `initialize` (docs/protocol/transport.md §2). */
export interface ClientIdentity {
  readonly name: string;
  readonly version: string;
  readonly title: string | null;
}

/** The connection of a request, as handlers see it. */
export interface Caller {
  /** Unique in this process, never reused. */
  readonly connectionId: number;
  readonly transport: 'stdio' | 'websocket' | 'unix';
  readonly client: ClientIdentity;
  /** `capabilities.experimentalApi` (docs/protocol/transport.md §2). */
  readonly experimentalApi: boolean;
  /** The `capabilities` object as the client sent it. It also declares codexd's own extensions. */
  readonly capabilities: Readonly<Record<string, unknown>>;
  /** Aborted when the connection ends, for any reason. */
  readonly closed: AbortSignal;
  /**
   * Sends a notification to this connection unless it opted out. Never blocks. The order of calls is the order on the
   * wire.
   */
  notify<M extends ServerNotificationMethod>(method: M, params: NotificationParams<M>): void;
  /** Like notify, for bulk output: the text member `key` becomes the base64 of `bytes`, at a third of the cost. */
  notifyBytes<M extends ServerNotificationMethod, K extends keyof NotificationParams<M> & string>(
    method: M,
    params: Omit<NotificationParams<M>, K>,
    key: K,
    bytes: Buffer,
  ): void;
  /**
   * Sends a server request to this connection. Only an answer on this connection counts (docs/protocol/transport.md
   * §10).
   *
   * Rejects with RpcError when the client answers with an error or with another shape, when `signal` aborts, and when
   * the connection ends. An answer after an abort has no effect. `id` is for one request that several connections
   * receive under the same id (docs/protocol/transport.md §8); take it from RpcServer.nextRequestId(). The engine calls
   * `sent` with the id after it has sent the request.
   */
  request<M extends ServerRequestMethod>(
    method: M,
    params: ServerRequestParams<M>,
    options?: { signal?: AbortSignal; id?: number; sent?: (id: number) => void },
  ): Promise<ServerRequestResult<M>>;
  /**
   * Resolves when the unsent bytes in the process's own buffers are below the high-water mark. Producers of bulk output
   * (command/exec/outputDelta) wait for it before they read more, so that a slow client costs no memory.
   */
  drained(): Promise<void>;
}

/** Facts about the request besides its params. */
export interface RequestContext {
  readonly requestId: string | number | bigint;
  /**
   * Runs `work` directly after this request's answer, before any other message of the daemon. For notifications that
   * must follow the answer (docs/protocol/threads.md §3). `work` runs also after an error answer, and after the client
   * has left.
   */
  afterAnswer(work: () => void): void;
}

/** One method's implementation. Params are decoded, defaults filled in. */
export type Handler<M extends ClientRequestMethod> = (
  params: RequestParams<M>,
  caller: Caller,
  context: RequestContext,
) => RequestResult<M> | Promise<RequestResult<M>>;

/** The handlers that app.ts passes to the router. A method without a handler is answered `not supported by codexd`. */
export type HandlerTable = { readonly [M in ClientRequestMethod]?: Handler<M> };
