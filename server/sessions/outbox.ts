/** How the sessions reach clients: what server/rpc offers, and nothing more of it. */
import type { NotificationParams, ServerNotificationMethod } from '../../schema/registry.js';
import type { Caller } from '../rpc/caller.js';
import type { EncodedNotification } from '../rpc/server.js';

export interface Outbox {
  /** To every initialized connection; what belongs to a thread that is loaded goes through its events instead. */
  broadcast<M extends ServerNotificationMethod>(
    method: M,
    params: NotificationParams<M>,
    options?: { readonly experimental?: boolean },
  ): void;
  /** To these connections, written once. */
  multicast<M extends ServerNotificationMethod>(
    callers: Iterable<Caller>,
    method: M,
    params: NotificationParams<M>,
  ): void;
  /** A notification as bytes, with its place in its thread's sequence (live/live-thread.ts). */
  encode<M extends ServerNotificationMethod>(
    method: M,
    params: NotificationParams<M>,
    sequence?: number,
  ): EncodedNotification;
  /** To these connections, unless they opted out of the method. */
  deliver(callers: Iterable<Caller>, notification: EncodedNotification): void;
  /** The initialized connections, oldest first. */
  callers(): readonly Caller[];
  nextRequestId(): number;
}
