import type net from 'node:net';
import type { ByteReader } from '../http/byte-reader.js';
import type { Target } from '../../decide/targets.js';
import type { NetworkProtocol } from '../../registration/denial.js';
import type { AccessRequest, Allowed, Refused } from '../../decide/decide.js';
import type { UpstreamAgents } from './upstream-agents.js';
import type { UpstreamProxy } from './upstream-proxy.js';

/** What a decision means for the connection that asked. */
export type Outcome =
  | {
      readonly kind: 'allowed';
      readonly allowed: Allowed;
      /** The connection was made to this address: told to the decision log. */
      dialled(address: string): void;
    }
  | { readonly kind: 'refused'; readonly refused: Refused }
  /** The command is being cancelled, or has ended: no answer goes out, so that its output does not depend on a race. */
  | { readonly kind: 'held' };

/** One command, as the proxies see it: every connection belongs to exactly one, by the listener it came in on. */
export interface Channel {
  decide(request: AccessRequest): Promise<Outcome>;
  /** The policy of this moment denies something by name: only then a name in a tunnel to an IP literal can matter. */
  denies(): boolean;
  /** The proxy that the daemon itself runs behind, where the policy lets it be used. Throws when it cannot be. */
  via(target: Target, scheme: 'http' | 'https'): UpstreamProxy | null;
  /**
   * Takes a client's connection in; false: the command has too many, or has ended. It is destroyed when the command
   * ends.
   */
  admit(socket: net.Socket): boolean;
  /** A connection to an upstream: destroyed when the command ends. */
  own(socket: net.Socket): void;
  /** Kept-alive connections of this command alone. */
  readonly agents: UpstreamAgents;
  /**
   * Limited mode's end of a tunnel, where one can be made: serves what the client says inside. Null: tunnels are
   * carried.
   */
  readonly intercept: ((passenger: Passenger) => Promise<'taken' | 'held'>) | null;
  /** A fault of the proxy itself, for the log. */
  fault(error: unknown): void;
}

export interface Passenger {
  readonly socket: net.Socket;
  readonly reader: ByteReader;
  readonly channel: Channel;
  readonly target: Target;
  readonly protocol: NetworkProtocol;
}
