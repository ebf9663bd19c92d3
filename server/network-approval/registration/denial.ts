/** The owner of a command, and the reason of a network denial. */
/** The owner of a command: the recipient of prompts and denials. */
export type CommandOwner =
  | {
      readonly kind: 'connection';
      readonly connectionId: number;
      readonly requestId: string | number | bigint;
      readonly processId: string | null;
      readonly mcpServer?: string;
    }
  | {
      readonly kind: 'thread';
      readonly threadId: string;
      readonly turnId: string | null;
      readonly itemId: string | null;
      /** The command is this MCP server; `turnId` and `itemId` are those of the call for which it works. */
      readonly mcpServer?: string;
    };

/** Wire names of docs/protocol/network.md §3 and §4. */
export type NetworkProtocol = 'http' | 'https' | 'socks5Tcp' | 'socks5Udp';

export type DenialReason =
  | 'not_allowed'
  | 'not_allowed_local'
  | 'denied'
  | 'method_not_allowed'
  /** A hook covers the host, and the connection is none that can be read. */
  | 'mitm_required'
  /** A hook covers the host, and the request matches none. */
  | 'mitm_hook_denied';

/**
 * `baseline_policy`: only rules; `mode_guard`: limited mode; `decider`: a person, a reviewer, or a client that left.
 */
export type DecisionSource = 'baseline_policy' | 'mode_guard' | 'decider';

/**
 * The reason of a network denial. The fields of the wire's `networkDenial`, plus `message` (docs/protocol/network.md
 * §4).
 */
export interface NetworkDenial {
  readonly host: string;
  readonly port: number;
  readonly protocol: NetworkProtocol;
  readonly reason: DenialReason;
  /** The deciding rule, as written; null when no rule matched (an allowlist miss, an address class). */
  readonly rule: string | null;
  readonly source: DecisionSource;
  /** One sentence for people and models, e.g. `Network access to "h" was blocked: …`. */
  readonly message: string;
}
