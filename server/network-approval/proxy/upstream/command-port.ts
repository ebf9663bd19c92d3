import type net from 'node:net';
import type { ByteReader } from '../http/byte-reader.js';
import type { Target } from '../../decide/targets.js';
import type { CommandHooks } from '../../hooks/command-hooks.js';
import type { NetworkProtocol } from '../../registration/denial.js';
import type { AccessRequest, Allowed } from '../../decide/decide.js';
import type { Refused } from '../../decide/refuse.js';
import type { Pool } from './pool.js';
import type { UpstreamProxy } from './upstream-proxy.js';

/** What a decision means for the connection that asked. */
export type Outcome =
  | {
      readonly kind: 'allowed';
      readonly allowed: Allowed;
      /** The connection uses this address: reported to the decision log. */
      dialled(address: string): void;
    }
  | { readonly kind: 'refused'; readonly refused: Refused }
  /** The command is being cancelled, or has ended: no answer goes out, so that its output does not depend on a race. */
  | { readonly kind: 'denied' };

/**
 * What became of a client's connection. `relayed`: it was a stream of bytes from there on, or ended as one, and nothing
 * more is read from it here. `denied`: its command is being cancelled and gets no answer.
 */
export type StreamEnd = 'relayed' | 'denied';

/** One command, as the proxies see it: every connection belongs to exactly one, by the listener it came in on. */
export interface CommandPort {
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
  /** A connection to an upstream: it is destroyed when the command ends, at once when it has ended. */
  closeWithCommand(socket: net.Socket): void;
  /** Connections of this command alone, kept from request to request. */
  readonly pool: Pool;
  /**
   * The daemon's end of a tunnel, where limited mode or a hook of the host needs one: serves what the client says
   * inside. Null: the tunnel is relayed.
   */
  interceptFor(target: Target): ((stream: ClientStream) => Promise<StreamEnd>) | null;
  /** Null: the policy has none. */
  readonly hooks: CommandHooks | null;
  /** A fault of the proxy itself, for the log. */
  fault(error: unknown): void;
}

/** A client's connection from where its tunnel begins. */
export interface ClientStream {
  readonly socket: net.Socket;
  readonly reader: ByteReader;
  readonly command: CommandPort;
  readonly target: Target;
  readonly protocol: NetworkProtocol;
  /** The client asked for no tunnel (transparent_tcp): it may speak plain HTTP, to the target. */
  readonly isPlainToo?: boolean;
}
