/**
 * The single decision path: `decide` judges every request of every protocol, and a connection is made only after its
 * decision.
 *
 * Order (docs/protocol/network.md §3; docs/architecture.md):
 * 1. deny rules
 * 2. local literals
 * 3. allowlist, otherwise a prompt
 * 4. addresses, resolved once and judged
 * 5. method
 * 6. hooks of the host
 *
 * A request that passes all of them is allowed, with the permitted addresses.
 *
 * Threat: a protocol, a spelling or a moment lets a request bypass a rule.
 * Rule: the first refusal is final. A request that is not known to be allowed is refused. A person's answer replaces
 * only the allowlist: the addresses are resolved and judged after it, however long it took.
 * Non-scope: who receives prompts and what is remembered (approval-service.ts), the bytes of the answer
 * (protocols/refusal.ts).
 */
import { messageOf } from '../../errors/message-of.js';
import type { DomainRule, NetworkPolicy } from '../../config/permissions/network-policy.js';
import { addressClass, embeddedIpv4, ownAddresses, type AddressClass } from './addresses.js';
import type { DecisionSource, DenialReason, NetworkProtocol } from '../registration/denial.js';
import type { Resolver } from './resolve.js';
import type { CompiledRules } from './domain-rules.js';
import { canonicalHost, type Target } from './targets.js';

export interface AccessRequest {
  readonly protocol: NetworkProtocol;
  readonly target: Target;
  /** The HTTP method, as written; null where the protocol shows none (SOCKS). */
  readonly method: string | null;
  /**
   * TLS in limited mode. `tunnel`: the requests inside are judged one by one, so opening the tunnel has no effect yet.
   * `request`: inside, to the tunnel's own target, so there is no second prompt.
   */
  readonly intercepted?: 'tunnel' | 'request';
  /**
   * A name inside a tunnel to an IP literal that was allowed by itself: only deny rules count. The connection exists,
   * so no lookup or dial follows.
   */
  readonly byNumber?: boolean;
  /** What the hooks of the host say about a request inside (hooks/command-hooks.ts). Absent: one of them allows it. */
  readonly hooks?: 'denied' | 'unreadable';
}

export interface Allowed {
  readonly allowed: true;
  readonly target: Target;
  /** The permitted addresses, in order. Empty: the name does not resolve, so the upstream fails. */
  readonly addresses: readonly string[];
  readonly rule: string | null;
  readonly source: DecisionSource;
}

export interface Refused {
  readonly allowed: false;
  readonly target: Target;
  readonly reason: DenialReason;
  /** `ask`: a prompt was necessary and nobody could receive it (docs/protocol/network.md §1). */
  readonly decision: 'deny' | 'ask';
  readonly source: DecisionSource;
  /** The deciding rule, as written; null for a miss or an address class. */
  readonly rule: string | null;
  /** Further text for the decision log: the address and its class, or the failure of the lookup. */
  readonly detail: string | null;
  /** The text of a person's refusal, in place of the reason's own sentence. */
  readonly sentence: string | null;
  /** The person wants the command to end, whatever the configuration says about refused requests. */
  readonly endsCommand?: boolean;
}

export type Verdict = Allowed | Refused;

/** The answer of a person or a reviewer. null: nobody can be asked. `sentence` null: refused with the policy's text. */
export type Answer =
  | { readonly allow: true }
  | { readonly allow: false; readonly sentence: string | null; readonly endsCommand?: boolean }
  | null;

/** A port of this machine on which the daemon itself listens. It is never reachable, whatever a policy says. */
export interface Endpoint {
  readonly port: number;
}

export interface DecisionContext {
  readonly policy: NetworkPolicy;
  /** The current rules: rules files change while commands run. */
  readonly rules: CompiledRules;
  /** Canonical hosts whose requests hooks judge. */
  readonly hooked: ReadonlySet<string>;
  readonly resolver: Resolver;
  /** Prompts for a target that no rule allows or that is under review. */
  ask(request: AccessRequest): Promise<Answer>;
  /** The daemon's current listeners. */
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
  // Its requests cannot be judged behind a tunnel to the address.
  if (request.byNumber === true && context.hooked.has(target.host.text)) return hookRefusal(target, 'mitm_required');
  if (request.byNumber === true) return { allowed: true, target, addresses: [], rule: null, source: 'baseline_policy' };

  // A local literal is allowed only where a rule names it. A wildcard does not include this machine.
  const chosen = matched.allowedByName;
  if (!policy.allowLocalBinding && !chosen && isLocalLiteral(target)) return refuse(target, 'not_allowed_local');

  let source: DecisionSource = 'baseline_policy';
  if (matched.allow === null || matched.review !== null) {
    const refusal = request.intercepted === 'request' ? null : await askAbout(request, context, matched.review);
    if (refusal !== null) return refusal;
    source = 'decider';
    // Rules may have changed while the prompt was open: a new denial wins.
    const { deny } = context.rules.match(target, request.protocol);
    if (deny !== null) return refuse(target, 'denied', { rule: nameOf(deny) });
  }
  const { addresses, refused } = await dialable(target, context, chosen);
  if (refused !== null) return refused;

  if (policy.mode === 'limited' && request.intercepted !== 'tunnel' && !LIMITED_METHODS.has(request.method ?? '')) {
    return refuse(target, 'method_not_allowed', { source: 'mode_guard', detail: request.method ?? request.protocol });
  }
  const hooks = request.hooks ?? (request.intercepted === undefined ? 'unreadable' : null);
  if (hooks !== null && context.hooked.has(target.host.text))
    return hookRefusal(target, hooks === 'denied' ? 'mitm_hook_denied' : 'mitm_required');
  return { allowed: true, target, addresses, rule: matched.allow?.pattern ?? null, source };
}

/** Without the path, which may contain a secret of the command's. */
const hookRefusal = (target: Target, reason: 'mitm_required' | 'mitm_hook_denied'): Refused =>
  refuse(target, reason, {
    source: 'mode_guard',
    detail: reason === 'mitm_required' ? 'not a request over TLS through the HTTP proxy' : 'no hook matches',
  });

/**
 * Returns null after a yes. When nobody could be asked, a managed policy reports that a prompt was necessary
 * (docs/protocol/network.md §1, `"decision":"ask"`). Any other policy reports that the rules alone decided.
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

/** Returns the permitted addresses of an allowed target, or the refusal when there is none. */
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
    // The upstream fails anyway.
    if (context.policy.allowLocalBinding) return { addresses: [], refused: null };
    // Fail closed: an unknown destination is not permitted (docs/protocol/network.md §3: fails closed on DNS errors).
    const detail = `lookup failed: ${messageOf(error)}`;
    return { addresses: [], refused: refuse(target, 'not_allowed_local', { detail }) };
  }
  const chosenLiteral = chosen && (host.kind !== 'name' || host.text === 'localhost');
  const judged = answers.map((address) => ({ address, refused: judge(address, target, context, chosenLiteral) }));
  const addresses = judged.filter(({ refused }) => refused === null).map(({ address }) => address);
  return { addresses, refused: addresses.length > 0 ? null : (judged[0]?.refused ?? null) };
}

/** Returns why an address is not permitted; null when it is permitted. */
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

/** Metadata services reveal a machine's credentials: reachable only when the policy lists the address itself. */
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
