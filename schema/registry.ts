/**
 * The protocol by method name, as types only. At run time the daemon loads schema/method-table.ts and the compiled
 * validators, never the schemas.
 */
import type { clientRequests } from './client-requests.js';
import type { extensionNotifications, extensionRequests, extensionServerRequests } from './extension-requests.js';
import type { Decoded, Input, Node, Wire } from './shape/kit.js';
import type { serverNotifications } from './server-notifications.js';
import type { serverRequests } from './server-requests.js';

type Requests = typeof clientRequests & typeof extensionRequests;
type Asked = typeof serverRequests & typeof extensionServerRequests;
type Notifications = typeof serverNotifications & typeof extensionNotifications;

export type ClientRequestMethod = keyof Requests;
export type ServerRequestMethod = keyof Asked;
export type ServerNotificationMethod = keyof Notifications;
export type ClientNotificationMethod = 'initialized';

/**
 * Params in the form that a handler receives: defaults filled in, absent members are null. Null for a method without
 * params.
 */
export type RequestParams<M extends ClientRequestMethod> = Requests[M]['params'] extends infer P
  ? P extends Node
    ? Requests[M]['optional'] extends true
      ? Decoded<P> | null
      : Decoded<P>
    : null
  : never;
/** Params in the form that a client sends. */
export type ClientParams<M extends ClientRequestMethod> = Requests[M]['params'] extends infer P
  ? P extends Node
    ? Requests[M]['optional'] extends true
      ? Input<P> | null | undefined
      : Input<P>
    : null | undefined
  : never;
export type RequestResult<M extends ClientRequestMethod> = Wire<Requests[M]['result']>;

export type NotificationParams<M extends ServerNotificationMethod> = Wire<Notifications[M]>;

export type ServerRequestParams<M extends ServerRequestMethod> = Asked[M]['params'] extends infer P
  ? P extends Node
    ? Wire<P>
    : null
  : never;
/** A client's response in the form that the server receives. */
export type ServerRequestResult<M extends ServerRequestMethod> = Decoded<Asked[M]['result']>;
/** A client's response in the form that the client writes. */
export type ServerRequestAnswer<M extends ServerRequestMethod> = Input<Asked[M]['result']>;
