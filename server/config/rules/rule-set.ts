/**
 * The data of rules files (docs/protocol/network.md §4, docs/protocol/turns.md §6; docs/configuration.md "Rules
 * files").
 */

/** `prefix_rule`: the decision for commands with certain first words. */
export interface PrefixRule extends Place {
  /** One entry for each word, with the alternatives for that word. Not empty. */
  readonly pattern: readonly (readonly string[])[];
  readonly decision: CommandDecision;
  readonly justification: string | null;
}
export type CommandDecision = 'allow' | 'prompt' | 'forbidden';

/** `network_rule`: the decision for requests to one host. */
export interface NetworkRule extends Place {
  /** A host, or `host:port`, as written; a denial may also be a pattern (docs/configuration.md "Rules files"). */
  readonly pattern: string;
  /** The protocol of an allowing rule. Null for a denying rule: the command could choose another protocol. */
  readonly protocol: RuleProtocol | null;
  readonly decision: 'allow' | 'prompt' | 'deny';
  readonly justification: string | null;
}

/** The names in the protocol (docs/protocol/network.md §4). */
export type RuleProtocol = 'http' | 'https' | 'socks5Tcp' | 'socks5Udp';

export interface Place {
  /** The file. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
}

/**
 * The consequence of a mistake in a rules file. `skipped`: the rule has no effect. `enforced`: the rule is a denial,
 * and its clear parts are enforced. `closed`: the rule may deny everything, so nothing that it may deny is allowed
 * until the file is corrected.
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
  /** `host_executable`: by the name of a program, the absolute paths of the real program. */
  readonly executables: ReadonlyMap<string, ReadonlySet<string>>;
  readonly problems: readonly RuleProblem[];
  /** A command rule that may forbid everything is invalid: no rule allows a command then. Null: no such rule. */
  readonly commandsClosed: RuleProblem | null;
  /** A network rule that may deny everything is invalid: every request is denied then. Null: no such rule. */
  readonly networkClosed: RuleProblem | null;
  /** Changes when any field above changes; '': no rules. */
  readonly revision: string;
}

/** What of the rules network requests are judged by. */
export type NetworkRules = Pick<RuleSet, 'revision' | 'networkRules' | 'networkClosed'>;

export const NO_RULES: RuleSet = {
  prefixRules: [],
  networkRules: [],
  executables: new Map(),
  problems: [],
  commandsClosed: null,
  networkClosed: null,
  revision: '',
};

/** One line for people: the position, the mistake and the consequence. */
export function problemLine({ path, line, reason, consequence }: RuleProblem): string {
  return `${path}:${line}: ${reason} (${CONSEQUENCES[consequence]})`;
}

const CONSEQUENCES: Readonly<Record<Consequence, string>> = {
  skipped: 'this rule has no effect',
  enforced: 'it is enforced as a denial all the same',
  closed: 'it may be a denial, so nothing that it could have meant is allowed until it is repaired',
};
