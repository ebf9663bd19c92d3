/** The part of server/rpc with which the sessions reach clients. */
import type { RpcServer } from '../../rpc/server.js';

/**
 * Notifications of a loaded thread do not use this directly: they go through its events (live/live-thread.ts), which
 * number them.
 */
export type Outbox = Pick<RpcServer, 'broadcast' | 'multicast' | 'encode' | 'deliver' | 'callers' | 'nextRequestId'> &
  // Absent in tests: nobody else looks at the questions of threads.
  Partial<Pick<RpcServer, 'questions'>>;
