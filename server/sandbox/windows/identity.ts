/**
 * Who a sandboxed command is on Windows.
 *
 * Threat: a rule of the firewall holds for a user. A command whose network is confined, and that runs as a user without
 * such rules, has the whole network.
 * Rule: there are two users. `offline` has no direct way out: its rules leave only the ports of the lanes. `online` has
 * the full network. A command whose network is offline or a lane is `offline`, whatever the mode: the restricted token
 * of the caller cannot be told apart from the caller by the firewall. There is no third user.
 * Scope: the choice. Non-scope: the rules (firewall.ts), and whether the users exist (setup-state.ts).
 */

export interface IdentityRequest {
  /** As in a request of the sandbox: `lane` goes through a proxy of codexd, `direct` has the network itself. */
  readonly network: 'offline' | 'direct' | 'lane';
  /** `[windows] sandbox`. */
  readonly mode: 'elevated' | 'unelevated';
}

export interface WindowsIdentity {
  readonly user: 'offline' | 'online';
  /** `logon`: a logon of the user. `restrictedToken`: the caller's own token, restricted; it needs no set-up. */
  readonly path: 'logon' | 'restrictedToken';
}

/** Pure. A value that is neither of its names is a confined network, and a logon. */
export function windowsIdentity({ network, mode }: IdentityRequest): WindowsIdentity {
  if (network !== 'direct') return { user: 'offline', path: 'logon' };
  return { user: 'online', path: mode === 'unelevated' ? 'restrictedToken' : 'logon' };
}
