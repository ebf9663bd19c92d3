/**
 * What rules files say, as data (docs/protocol/network.md §4, docs/protocol/turns.md §6; docs/configuration.md "Rules
 * files").
 */

/** `prefix_rule`: what happens with commands that begin so. */
export interface PrefixRule extends Place {
  /** One entry a word; each holds the alternatives for that word. Not empty. */
  readonly pattern: readonly (readonly string[])[];
  readonly decision: CommandDecision;
  readonly justification: string | null;
}
export type CommandDecision = 'allow' | 'prompt' | 'forbidden';

/** `network_rule`: what happens with requests to one host. */
export interface NetworkRule extends Place {
  /** A host, or `host:port`, as written; a denial may also be a pattern (docs/configuration.md "Rules files"). */
  readonly pattern: string;
  /** An allowance holds for this protocol alone; a denial for all of them, since the command chooses the protocol. */
  readonly protocol: RuleProtocol | null;
  readonly decision: 'allow' | 'prompt' | 'deny';
  readonly justification: string | null;
}

/** The names of the wire (docs/protocol/network.md §4). */
export type RuleProtocol = 'http' | 'https' | 'socks5Tcp' | 'socks5Udp';

export interface Place {
  /** The file. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
}

/**
 * What became of something that could not be understood as written.
 * `skipped`: it has no effect. `enforced`: it is a denial, and what was understood of it is held to. `closed`: it may
 * be a denial of anything, so that everything it may have meant is held back until it is repaired.
 */
export type Consequence = 'skipped' | 'enforced' | 'closed';

export interface RuleProblem extends Place {
  readonly reason: string;
  readonly consequence: Consequence;
}

/** All rules files of one Codex home at one moment. Immutable. */
export interface RuleSet {
  readonly prefixRules: readonly PrefixRule[];
  readonly networkRules: readonly NetworkRule[];
  /** `host_executable`: the absolute paths at which a program of this name is that program. */
  readonly executables: ReadonlyMap<string, ReadonlySet<string>>;
  readonly problems: readonly RuleProblem[];
  /** A command rule that may forbid anything could not be understood: no rule allows a command then. */
  readonly commandsClosed: RuleProblem | null;
  /** A network rule that may deny anything could not be understood: every request is denied then. */
  readonly networkClosed: RuleProblem | null;
  /** Changes when anything above changes; '' without rules. */
  readonly revision: string;
}

export const NO_RULES: RuleSet = {
  prefixRules: [],
  networkRules: [],
  executables: new Map(),
  problems: [],
  commandsClosed: null,
  networkClosed: null,
  revision: '',
};

/** One line for people: where, what, and what follows from it. */
export function problemLine({ path, line, reason, consequence }: RuleProblem): string {
  return `${path}:${line}: ${reason} (${CONSEQUENCES[consequence]})`;
}

const CONSEQUENCES: Readonly<Record<Consequence, string>> = {
  skipped: 'this rule has no effect',
  enforced: 'it is enforced as a denial all the same',
  closed: 'it may be a denial, so nothing that it could have meant is allowed until it is repaired',
};
