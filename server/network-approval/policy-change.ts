/**
 * The edits of the user's configuration that allow or deny a host from now on, for `network/policy/test`.
 *
 * Threat: a person writes a rule that opens more than the request, or that changes nothing because another rule wins.
 * Rule: a new rule names this host and this port. A rule of the person that denies exactly this host is replaced, and
 * no broader one is. The policy judges the edits before they are offered; where a rule of somebody else wins, its place
 * is named instead.
 * Non-scope: who may write (config/write), and the requirements, which a write checks again.
 */
import type { NetworkPolicyChange } from '../../schema/protocol/operator/policy-test.js';
import type { DomainRule, NetworkPolicy } from '../config/permissions/network-policy.js';
import type { CompiledRules } from './decide/domain-rules.js';
import { parsePattern } from './decide/patterns.js';
import type { Target } from './decide/targets.js';
import type { NetworkProtocol } from './registration/denial.js';

/** The table of a person's own domain rules that counts for a command. */
export interface RulePlace {
  /** The user's config.toml. */
  readonly file: string;
  /** The configured profile of the command. Null: it is built in, or comes from `sandbox_mode`. */
  readonly profile: string | null;
  /** `features.network_proxy` where it is a switch, and no table that could have rules. */
  readonly proxySwitch: boolean | null;
}

export interface ChangeQuestion {
  readonly target: Target;
  readonly protocol: NetworkProtocol;
  readonly policy: NetworkPolicy;
  readonly place: RulePlace;
  readonly rules: CompiledRules;
  readonly originOf: (rule: DomainRule) => string;
  /** Why the changed policy would not allow the host all the same. Null: it would. */
  readonly forbidden: (changed: NetworkPolicy) => Promise<string | null>;
}

const NONE = { edits: [], text: '', file: '', scope: '' };
export const UNCHANGED: NetworkPolicyChange = { ...NONE, obstacle: null };
export const impossible = (obstacle: string): NetworkPolicyChange => ({ ...NONE, obstacle });

export async function changeTo(verdict: 'allow' | 'deny', question: ChangeQuestion): Promise<NetworkPolicyChange> {
  const { target, policy, place, rules, protocol, originOf, forbidden } = question;
  const { allowedByName, deny } = rules.match(target, protocol);
  if (verdict === 'deny' ? deny !== null : allowedByName && deny === null) return UNCHANGED;
  const exact = policy.domains.filter((rule) => isOwn(rule) && namesExactly(rule, target));
  const denials = verdict === 'allow' ? exact.filter((rule) => rule.verdict === 'deny') : [];
  const written = denials.length > 0 ? denials : [ownRule(target, exact)];
  const changed = written.map(({ pattern, source }) => ({ pattern, source, verdict }));
  if (verdict === 'allow') {
    const domains = [...policy.domains.filter((rule) => !denials.includes(rule)), ...changed];
    const why = await forbidden({ ...policy, domains, revision: `${policy.revision} with ${JSON.stringify(changed)}` });
    if (why !== null)
      return impossible(deny === null || denials.includes(deny) ? why : `${why} ${wins(deny, originOf)}`);
  }
  return { ...writing(changed, place), file: place.file, obstacle: null };
}

const wins = (deny: DomainRule, originOf: ChangeQuestion['originOf']): string =>
  deny.source === 'managed'
    ? `It stands in ${originOf(deny)}, which the administrator can change.`
    : `It stands in ${originOf(deny)}: change it there by hand, because it may deny other hosts, too.`;

const isOwn = ({ source }: DomainRule): boolean => source === 'profile' || source === 'feature';

function namesExactly({ pattern: written }: DomainRule, { host, port }: Target): boolean {
  const pattern = parsePattern(written);
  return pattern.kind === 'exact' && pattern.host === host.text && (pattern.port === null || pattern.port === port);
}

/** A rule with the port of the request. An earlier one with the same text keeps its table. */
function ownRule({ host, port }: Target, exact: readonly DomainRule[]): Pick<DomainRule, 'pattern' | 'source'> {
  const pattern = `${host.kind === 'ipv6' ? `[${host.text}]` : host.text}:${port}`;
  return { pattern, source: exact.find((rule) => rule.pattern === pattern)?.source ?? 'profile' };
}

type Written = Pick<DomainRule, 'pattern' | 'source' | 'verdict'>;

function writing(rules: readonly Written[], place: RulePlace): Pick<NetworkPolicyChange, 'edits' | 'text' | 'scope'> {
  const { profile, proxySwitch } = place;
  const inProfile = (rule: Written): boolean => rule.source === 'profile' && profile !== null;
  const own = rules.filter(inProfile);
  const shared = rules.filter((rule) => !inProfile(rule));
  const table = (header: readonly string[], lines: readonly Written[]): string =>
    [`[${header.map(key).join('.')}]`, ...lines.map(({ pattern, verdict }) => `${key(pattern)} = "${verdict}"`)].join(
      '\n',
    );
  const edits = (keys: readonly string[], lines: readonly Written[]): NetworkPolicyChange['edits'] =>
    lines.map(({ pattern, verdict }) => ({ keyPath: [...keys, pattern].map(key).join('.'), value: verdict }));
  const ofProfile = ['permissions', profile ?? '', 'network', 'domains'];
  const parts = [
    ...(own.length > 0 ? [{ edits: edits(ofProfile, own), text: table(ofProfile, own) }] : []),
    ...(shared.length > 0 ? [sharedPart(shared, proxySwitch, { table, edits })] : []),
  ];
  return {
    edits: parts.flatMap((part) => part.edits),
    text: parts.map((part) => part.text).join('\n\n'),
    scope:
      shared.length > 0
        ? 'It counts for the commands of every profile that start from now on: the profile of this one is built in, or the rule is one of all profiles.'
        : `It counts for the commands of the profile ${profile} that start from now on.`,
  };
}

interface Printers {
  readonly table: (header: readonly string[], lines: readonly Written[]) => string;
  readonly edits: (keys: readonly string[], lines: readonly Written[]) => NetworkPolicyChange['edits'];
}

const PROXY = ['features', 'network_proxy'];

/** A switch becomes a table, which keeps its value. */
function sharedPart(
  rules: readonly Written[],
  proxySwitch: boolean | null,
  { table, edits }: Printers,
): Pick<NetworkPolicyChange, 'edits' | 'text'> {
  const header = [...PROXY, 'domains'];
  const text = table(header, rules);
  if (proxySwitch === null) return { edits: edits(header, rules), text };
  const domains = Object.fromEntries(rules.map(({ pattern, verdict }) => [pattern, verdict]));
  return {
    edits: [{ keyPath: PROXY.join('.'), value: { enabled: proxySwitch, domains } }],
    text: `[${PROXY.join('.')}]\nenabled = ${proxySwitch}\n\n${text}`,
  };
}

/** A key of TOML and a part of a `keyPath`: both take the same quotes. */
const key = (text: string): string => (/^[\w-]+$/.test(text) ? text : JSON.stringify(text));
