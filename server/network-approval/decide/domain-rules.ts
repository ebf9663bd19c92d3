/**
 * The domain rules of a policy, compiled once and matched for each request (docs/protocol/network.md §1, §3.4).
 *
 * - `a.test`: exactly this host
 * - `*.a.test`: any depth below it, not itself
 * - `**.a.test`: itself and any depth below
 * - `*` or `[*]`: everything
 * - `a*.b?.test`: globs inside labels
 * - `a.test:443`: as before, on this port alone
 *
 * Threat: a pattern allows more, or denies less, than its author thinks.
 * Rule: deny wins over allow, whatever their order or breadth. A `*` inside a label of an allow pattern stays inside
 * that label (`a.*` does not open `a.evil.test`); in a deny pattern it also spans dots. Only their own text and `*`
 * match IP literals. A deny of an IPv4 literal also denies every IPv6 spelling of it. A pattern that can match nothing
 * is an error and not a rule without effect.
 */
import { isIP } from 'node:net';
import { BoundedMap } from '../../system/node/bounded-map.js';
import type { DomainRule, NetworkPolicy } from '../../config/permissions/network-policy.js';
import { embeddedIpv4 } from './addresses.js';
import { parsePattern, type Pattern } from './patterns.js';
import type { NetworkProtocol } from '../registration/denial.js';
import type { Target } from './targets.js';

export interface RuleMatch {
  /** The deny rule that applies. It is final. */
  readonly deny: DomainRule | null;
  readonly allow: DomainRule | null;
  /** The allow rule names exactly this host, without a wildcard. */
  readonly allowedByName: boolean;
  /** The pattern of `review_domains` that requires a prompt for this target although it is allowed. */
  readonly review: string | null;
}

export interface CompiledRules {
  /** At least one deny rule. */
  readonly denies: boolean;
  /** The addresses that allow rules name, in canonical form. */
  readonly allowedAddresses: readonly string[];
  /** `protocol` absent: only rules for every protocol count. */
  match(target: Target, protocol?: NetworkProtocol): RuleMatch;
}

/** The number of cached rule sets, by policy revision: commands under one policy share one. */
const KEPT_REVISIONS = 8;
const kept = new BoundedMap<string, CompiledRules>(KEPT_REVISIONS);

/** Throws `network.policy` for the first invalid pattern. */
export function compileRules(policy: NetworkPolicy): CompiledRules {
  const known = kept.get(policy.revision);
  if (known !== undefined) return known;
  const compiled = compile(policy);
  kept.set(policy.revision, compiled);
  return compiled;
}

/** Like compileRules, without the cache. */
export function compile(
  policy: Pick<NetworkPolicy, 'domains' | 'reviewDomains' | 'managedAllowedDomainsOnly'>,
): CompiledRules {
  const deny = new RuleIndex<DomainRule>('spans-dots');
  const allow = new RuleIndex<DomainRule>('one-label');
  const review = new RuleIndex<string>('spans-dots');
  const allowedAddresses = new Set<string>();
  for (const rule of policy.domains) {
    const pattern = parsePattern(rule.pattern);
    if (rule.verdict === 'deny') deny.add(pattern, rule, rule.protocol);
    else if (!policy.managedAllowedDomainsOnly || rule.source === 'managed') {
      allow.add(pattern, rule, rule.protocol);
      if (pattern.kind === 'exact' && isIP(pattern.host) !== 0) allowedAddresses.add(pattern.host);
    }
  }
  for (const written of policy.reviewDomains) review.add(parsePattern(written), written);
  return {
    denies: policy.domains.some(({ verdict }) => verdict === 'deny'),
    allowedAddresses: [...allowedAddresses],
    match(target, protocol) {
      const allowed = allow.find(target, protocol);
      return {
        deny: (deny.find(target, protocol) ?? denyOfEmbedded(deny, target, protocol))?.rule ?? null,
        allow: allowed?.rule ?? null,
        allowedByName: allowed?.byName ?? false,
        review: review.find(target)?.rule ?? null,
      };
    },
  };
}

function denyOfEmbedded(
  deny: RuleIndex<DomainRule>,
  target: Target,
  protocol: NetworkProtocol | undefined,
): Found<DomainRule> | null {
  const inner = target.host.kind === 'ipv6' ? embeddedIpv4(target.host.text) : null;
  return inner === null ? null : deny.find({ host: { kind: 'ipv4', text: inner }, port: target.port }, protocol);
}

interface Entry<R> {
  readonly pattern: Pattern;
  readonly rule: R;
  /** Absent: every protocol. */
  readonly protocol: NetworkProtocol | undefined;
}
interface Found<R> {
  readonly rule: R;
  readonly byName: boolean;
}

/** Rules by the longest text that a matching host must end with, so that 10 000 rules cost a few map look-ups. */
class RuleIndex<R> {
  readonly #exact = new Map<string, Entry<R>[]>();
  readonly #bySuffix = new Map<string, Entry<R>[]>();
  readonly #any: Entry<R>[] = [];
  readonly #star: 'one-label' | 'spans-dots';

  constructor(star: 'one-label' | 'spans-dots') {
    this.#star = star;
  }

  add(pattern: Pattern, rule: R, protocol?: NetworkProtocol): void {
    const entry = { pattern, rule, protocol };
    if (pattern.kind === 'any') this.#any.push(entry);
    else if (pattern.kind === 'exact') push(this.#exact, pattern.host, entry);
    else push(this.#bySuffix, literalSuffix(pattern.base), entry);
  }

  /** The most specific rule first: the host itself, then the longest suffix, then everything. */
  find({ host, port }: Target, requested?: NetworkProtocol): Found<R> | null {
    const applies = ({ pattern, protocol }: Entry<R>): boolean =>
      (pattern.port === null || pattern.port === port) && (protocol === undefined || protocol === requested);
    const exact = this.#exact.get(host.text)?.find(applies);
    if (exact !== undefined) return { rule: exact.rule, byName: true };
    if (host.kind === 'name' && this.#bySuffix.size > 0) {
      for (const suffix of suffixes(host.text)) {
        const found = this.#bySuffix
          .get(suffix)
          ?.find((entry) => applies(entry) && matches(entry.pattern, host.text, this.#star));
        if (found !== undefined) return { rule: found.rule, byName: false };
      }
    }
    const any = this.#any.find(applies);
    return any === undefined ? null : { rule: any.rule, byName: false };
  }
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

/** `a.b.c` → `a.b.c`, `b.c`, `c`, ``. */
function* suffixes(host: string): Generator<string> {
  for (let rest = host; ; rest = rest.slice(rest.indexOf('.') + 1)) {
    yield rest;
    if (!rest.includes('.')) break;
  }
  yield '';
}

/** The labels after the last label with a wildcard. */
function literalSuffix(base: string): string {
  const labels = base.split('.');
  const last = labels.findLastIndex((label) => /[*?]/.test(label));
  return labels.slice(last + 1).join('.');
}

/** Whether a pattern below a name (`*.`, `**.`) or with wildcards in its labels matches. */
export function matches(pattern: Pattern, host: string, star: 'one-label' | 'spans-dots'): boolean {
  if (pattern.kind !== 'below' && pattern.kind !== 'glob') return false;
  if (star === 'spans-dots') {
    if (pattern.kind === 'glob') return globMatch(pattern.base, host);
    return globMatch(`*.${pattern.base}`, host) || (pattern.apex && globMatch(pattern.base, host));
  }
  const wanted = pattern.base.split('.');
  const labels = host.split('.');
  const extra = labels.length - wanted.length;
  const depthFits = pattern.kind === 'glob' ? extra === 0 : extra > 0 || (extra === 0 && pattern.apex);
  return depthFits && wanted.every((label, index) => globMatch(label, labels[extra + index] ?? ''));
}

/**
 * `*` matches any characters, `?` one. Two pointers and one point to return to: linear in practice, without a regular
 * expression.
 */
function globMatch(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let starAt = -1;
  let resumeAt = 0;
  while (t < text.length) {
    if (pattern[p] === '*') {
      starAt = p++;
      resumeAt = t;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
      p++;
      t++;
    } else if (starAt >= 0) {
      p = starAt + 1;
      t = ++resumeAt;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
