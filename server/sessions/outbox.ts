/** How the sessions reach clients: what server/rpc offers, and nothing more of it. */
import type { NotificationParams, ServerNotificationMethod } from '../../schema/registry.js';
import type { Caller } from '../rpc/caller.js';

export interface Outbox {
  /** To every initialized connection. `sequence`: see live/live-thread.ts. */
  broadcast<M extends ServerNotificationMethod>(
    method: M,
    params: NotificationParams<M>,
    options?: { readonly experimental?: boolean; readonly sequence?: number },
  ): void;
  /** To these connections, written once. */
  multicast<M extends ServerNotificationMethod>(
    callers: Iterable<Caller>,
    method: M,
    params: NotificationParams<M>,
    options?: { readonly sequence?: number },
  ): void;
  /** The initialized connections, oldest first. */
  callers(): readonly Caller[];
  nextRequestId(): number;
}
