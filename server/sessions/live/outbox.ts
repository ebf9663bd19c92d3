/** How the sessions reach clients: what server/rpc offers, and nothing more of it. */
import type { RpcServer } from '../../rpc/server.js';

/** What belongs to a loaded thread goes through its events (live/live-thread.ts), which put it into their sequence. */
export type Outbox = Pick<RpcServer, 'broadcast' | 'multicast' | 'encode' | 'deliver' | 'callers' | 'nextRequestId'>;
