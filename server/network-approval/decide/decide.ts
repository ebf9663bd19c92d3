/**
 * The one decision path: every request of every protocol comes through `decide`, and nothing is dialled that did not.
 *
 * Order (docs/protocol/network.md §3; docs/architecture.md):
 *   1. deny rules    2. local literals    3. allowlist, else asked about    4. addresses, resolved once and judged
 *   5. method        → allowed, with the addresses that may be dialled
 * Threat: a request that some protocol, spelling or moment lets around a rule.
 * Rule: the first refusal is final; what is not known to be allowed is refused; an answer from a person replaces the
 * allowlist and nothing else: the addresses are resolved and judged after it, however long it took.
 * Non-scope: who is asked and what is remembered (approval-service.ts), the bytes of the answer (protocols/refusal.ts).
 */
import type { DomainRule, NetworkPolicy } from '../../config/permissions/network-policy.js';
import { addressClass, embeddedIpv4, ownAddresses, type AddressClass } from './addresses.js';
import type { DecisionSource, DenialReason, NetworkProtocol } from '../registration/denial.js';
import type { Resolver } from './resolve.js';
import type { CompiledRules } from './rules.js';
import { canonicalHost, type Target } from './targets.js';

export interface AccessRequest {
  readonly protocol: NetworkProtocol;
  readonly target: Target;
  /** The HTTP method, as written; null where the protocol shows none (SOCKS). */
  readonly method: string | null;
  /**
   * Limited mode's TLS. `tunnel`: what will be said inside is judged request by request, so opening it does nothing
   * yet. `request`: said inside, to the very target that the tunnel was let through to, so nobody is asked a second
   * time.
   */
  readonly intercepted?: 'tunnel' | 'request';
  /**
   * A name said inside a tunnel to an IP literal that was allowed by itself: deny rules alone count. The connection
   * stands, so nothing is looked up or dialled for it.
   */
  readonly byNumber?: boolean;
}

export interface Allowed {
  readonly allowed: true;
  readonly target: Target;
  /** What may be dialled, in order. Empty: the name does not resolve, so the upstream fails. */
  readonly addresses: readonly string[];
  readonly rule: string | null;
  readonly source: DecisionSource;
}

export interface Refused {
  readonly allowed: false;
  readonly target: Target;
  readonly reason: DenialReason;
  /** `ask`: somebody would have had to be asked and nobody could be (docs/protocol/network.md §1). */
  readonly decision: 'deny' | 'ask';
  readonly source: DecisionSource;
  /** The rule that decided, as written; null for a miss or an address class. */
  readonly rule: string | null;
  /** What the decision log says beside the reason: the address and its class, the lookup's failure. */
  readonly detail: string | null;
  /** What a person's refusal says instead of the reason's own sentence. */
  readonly sentence: string | null;
  /** The person wants the command ended, whatever the configuration says about refused requests. */
  readonly endsCommand?: boolean;
}

export type Verdict = Allowed | Refused;

/**
 * A person's or a reviewer's answer. null: there is nobody to ask. `sentence` null: refused in the words of the policy.
 */
export type Answer =
  | { readonly allow: true }
  | { readonly allow: false; readonly sentence: string | null; readonly endsCommand?: boolean }
  | null;

/** A port of this machine on which the daemon itself listens: never reachable, whatever a policy says. */
export interface Endpoint {
  readonly port: number;
}

export interface DecisionContext {
  readonly policy: NetworkPolicy;
  /** Those of this moment: rules files change while commands run. */
  readonly rules: CompiledRules;
  readonly resolver: Resolver;
  /** Asks about a target that no rule allows or that is under review. */
  ask(request: AccessRequest): Promise<Answer>;
  /** The daemon's own listeners at this moment. */
  ownEndpoints(): readonly Endpoint[];
}

/** Methods of limited mode, case-sensitive (docs/protocol/network.md §3). */
const LIMITED_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Never rejects. */
export async function decide(request: AccessRequest, context: DecisionContext): Promise<Verdict> {
  const { target } = request;
  const { policy } = context;
  const matched = context.rules.match(target, request.protocol);
  if (matched.deny !== null) return refuse(target, 'denied', { rule: nameOf(matched.deny) });
  if (request.byNumber === true) return { allowed: true, target, addresses: [], rule: null, source: 'baseline_policy' };

  // A local literal is a choice only where it is listed as itself; a wildcard does not mean this machine.
  const chosen = matched.allowedByName;
  if (!policy.allowLocalBinding && !chosen && isLocalLiteral(target)) return refuse(target, 'not_allowed_local');

  let source: DecisionSource = 'baseline_policy';
  if (matched.allow === null || matched.review !== null) {
    const refusal = request.intercepted === 'request' ? null : await askAbout(request, context, matched.review);
    if (refusal !== null) return refusal;
    source = 'decider';
    // Rules may have changed while somebody thought: a denial that came meanwhile wins.
    const { deny } = context.rules.match(target, request.protocol);
    if (deny !== null) return refuse(target, 'denied', { rule: nameOf(deny) });
  }
  const { addresses, refused } = await dialable(target, context, chosen);
  if (refused !== null) return refused;

  if (policy.mode === 'limited' && request.intercepted !== 'tunnel' && !LIMITED_METHODS.has(request.method ?? '')) {
    return refuse(target, 'method_not_allowed', { source: 'mode_guard', detail: request.method ?? request.protocol });
  }
  return { allowed: true, target, addresses, rule: matched.allow?.pattern ?? null, source };
}

/**
 * null: somebody said yes. Where nobody could be asked, a managed policy says that somebody should have been
 * (docs/protocol/network.md §1, `"decision":"ask"`); any other says that the rules alone decided.
 */
async function askAbout(
  request: AccessRequest,
  context: DecisionContext,
  review: string | null,
): Promise<Refused | null> {
  const { policy } = context;
  if (policy.managedAllowedDomainsOnly) return refuse(request.target, 'not_allowed', { rule: review });
  const answer = await context.ask(request);
  if (answer?.allow === true) return null;
  if (answer === null && !policy.managed) return refuse(request.target, 'not_allowed', { rule: review });
  return refuse(request.target, 'not_allowed', {
    source: 'decider',
    decision: answer === null ? 'ask' : 'deny',
    rule: review,
    sentence: answer?.sentence ?? null,
    endsCommand: answer?.endsCommand ?? false,
  });
}

/** The addresses of an allowed target that may be dialled, or the refusal when there is none. */
async function dialable(
  target: Target,
  context: DecisionContext,
  chosen: boolean,
): Promise<{ readonly addresses: readonly string[]; readonly refused: Refused | null }> {
  const { host } = target;
  let answers: readonly string[];
  try {
    answers = host.kind === 'name' ? await context.resolver.resolve(host.text) : [host.text];
  } catch (error) {
    // The upstream fails, as it would anyway.
    if (context.policy.allowLocalBinding) return { addresses: [], refused: null };
    // Not knowing where a name leads is no permission (docs/protocol/network.md §3: fails closed on DNS errors).
    const detail = `lookup failed: ${error instanceof Error ? error.message : String(error)}`;
    return { addresses: [], refused: refuse(target, 'not_allowed_local', { detail }) };
  }
  const chosenLiteral = chosen && (host.kind !== 'name' || host.text === 'localhost');
  const judged = answers.map((address) => ({ address, refused: judge(address, target, context, chosenLiteral) }));
  const addresses = judged.filter(({ refused }) => refused === null).map(({ address }) => address);
  return { addresses, refused: addresses.length > 0 ? null : (judged[0]?.refused ?? null) };
}

/** Why an address may not be dialled; null when it may. */
function judge(address: string, target: Target, context: DecisionContext, chosenLiteral: boolean): Refused | null {
  const host = canonicalHost(address);
  if (host === null || host.kind === 'name')
    return refuse(target, 'not_allowed_local', { detail: `no address: ${address}` });
  // A rule that denies an address denies it under every name.
  const { deny } = context.rules.match({ host, port: target.port });
  if (deny !== null) return refuse(target, 'denied', { rule: nameOf(deny), detail: address });

  const found = addressClass(host.text);
  const local = (what: string): Refused => refuse(target, 'not_allowed_local', { detail: `${address} is ${what}` });
  const thisMachine =
    found === 'loopback' || found === 'unspecified' || ownAddresses().has(embeddedIpv4(host.text) ?? host.text);
  if (thisMachine && context.ownEndpoints().some(({ port }) => port === target.port)) return local('the daemon itself');
  if (found === 'global' || chosenLiteral) return null;
  return context.policy.allowLocalBinding && !ONLY_BY_LITERAL.has(found) ? null : local(found);
}

/** Hands out a machine's credentials: reachable only where the policy lists the address itself. */
const ONLY_BY_LITERAL: ReadonlySet<AddressClass> = new Set(['metadata']);

const nameOf = ({ name, pattern }: DomainRule): string => name ?? pattern;

function isLocalLiteral({ host }: Target): boolean {
  return host.kind === 'name' ? host.text === 'localhost' : addressClass(host.text) !== 'global';
}

function refuse(
  target: Target,
  reason: DenialReason,
  more: Partial<Pick<Refused, 'decision' | 'source' | 'rule' | 'detail' | 'sentence' | 'endsCommand'>> = {},
): Refused {
  return {
    allowed: false,
    target,
    reason,
    decision: more.decision ?? 'deny',
    source: more.source ?? 'baseline_policy',
    rule: more.rule ?? null,
    detail: more.detail ?? null,
    sentence: more.sentence ?? null,
    endsCommand: more.endsCommand ?? false,
  };
}
