/** Whose command it is, and why it was refused the network. */
/** Whose command it is: where prompts go, and what a denial is told to. */
export type CommandOwner =
  | {
      readonly kind: 'connection';
      readonly connectionId: number;
      readonly requestId: string | number | bigint;
      readonly processId: string | null;
    }
  | {
      readonly kind: 'thread';
      readonly threadId: string;
      readonly turnId: string | null;
      readonly itemId: string | null;
    };

/** Wire names of docs/protocol/network.md §3 and §4. */
export type NetworkProtocol = 'http' | 'https' | 'socks5Tcp' | 'socks5Udp';

export type DenialReason = 'not_allowed' | 'not_allowed_local' | 'denied' | 'method_not_allowed';

/**
 * `baseline_policy`: rules alone; `mode_guard`: limited mode; `decider`: a person, a reviewer, or a client that went
 * away.
 */
export type DecisionSource = 'baseline_policy' | 'mode_guard' | 'decider';

/**
 * Why a command was refused the network. The fields are those of the wire's `networkDenial`, and `message`
 * (docs/protocol/network.md §4).
 */
export interface NetworkDenial {
  readonly host: string;
  readonly port: number;
  readonly protocol: NetworkProtocol;
  readonly reason: DenialReason;
  /** The rule that decided, as written; null when no rule matched (an allowlist miss, an address class). */
  readonly rule: string | null;
  readonly source: DecisionSource;
  /** One sentence for people and models, e.g. `Network access to "h" was blocked: …`. */
  readonly message: string;
}
