/**
 * The single decision path: `decide` judges every request of every protocol, and a connection is made only after its
 * decision.
 *
 * Order (docs/protocol/network.md §3; docs/architecture.md):
 * 1. deny rules
 * 2. local literals
 * 3. allowlist, otherwise a prompt, unless 4 (for an address), 5 or 6 would refuse the request after a yes
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
import type { NetworkPolicy } from '../../config/permissions/network-policy.js';
import type { Answerer } from '../../rpc/connection/open-questions.js';
import { addressClass } from './addresses.js';
import type { DecisionSource, NetworkProtocol } from '../registration/denial.js';
import { dialable, judge, type AddressContext } from './judge-addresses.js';
import { nameOf, refuse, type Refused } from './refuse.js';
import type { Target } from './targets.js';

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
  /** Why, where one matches that cannot do what it must. */
  readonly hooksDetail?: string;
}

export interface Allowed {
  readonly allowed: true;
  readonly target: Target;
  /** The permitted addresses, in order. Empty: the name does not resolve, so the upstream fails. */
  readonly addresses: readonly string[];
  readonly rule: string | null;
  readonly source: DecisionSource;
}

export type Verdict = Allowed | Refused;

/**
 * The answer of a person or a reviewer. null: nobody can be asked. `sentence` null: refused with the policy's text.
 * `by`: the client that gave it.
 */
export type Answer =
  | { readonly allow: true; readonly by?: Answerer }
  | { readonly allow: false; readonly sentence: string | null; readonly endsCommand?: boolean; readonly by?: Answerer }
  | null;

export interface DecisionContext extends AddressContext {
  readonly policy: NetworkPolicy;
  /** Canonical hosts whose requests hooks judge. */
  readonly hooked: ReadonlySet<string>;
  /** Prompts for a target that no rule allows or that is under review. */
  ask(request: AccessRequest): Promise<Answer>;
  /** Whether somebody could receive such a prompt. */
  mayAsk(): boolean;
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
    if (request.intercepted !== 'request') {
      // A person is not asked about what a yes could not allow. Without a person, the rules alone say why.
      const vain = context.mayAsk() && !policy.managedAllowedDomainsOnly ? refusedAfterYes(request, context) : null;
      const refusal = vain ?? (await askAbout(request, context, matched.review));
      if (refusal !== null) return refusal;
    }
    source = 'decider';
    // Rules may have changed while the prompt was open: a new denial wins.
    const { deny } = context.rules.match(target, request.protocol);
    if (deny !== null) return refuse(target, 'denied', { rule: nameOf(deny) });
  }
  const { addresses, refused } = await dialable(target, context, chosen);
  if (refused !== null) return refused;

  const guarded = guard(request, context);
  if (guarded !== null) return guarded;
  return { allowed: true, target, addresses, rule: matched.allow?.pattern ?? null, source };
}

/** What the mode and the hooks refuse, also after a yes. */
function guard(request: AccessRequest, { policy, hooked }: DecisionContext): Refused | null {
  const { target } = request;
  if (policy.mode === 'limited' && request.intercepted !== 'tunnel' && !LIMITED_METHODS.has(request.method ?? '')) {
    return refuse(target, 'method_not_allowed', { source: 'mode_guard', detail: request.method ?? request.protocol });
  }
  const hooks = request.hooks ?? (request.intercepted === undefined ? 'unreadable' : null);
  if (hooks === null || !hooked.has(target.host.text)) return null;
  return hookRefusal(target, hooks === 'denied' ? 'mitm_hook_denied' : 'mitm_required', request.hooksDetail);
}

/** Why a yes could not allow the request. The addresses of a name are unknown then: it is looked up after a yes. */
function refusedAfterYes(request: AccessRequest, context: DecisionContext): Refused | null {
  const { target } = request;
  const { allowedByName } = context.rules.match(target, request.protocol);
  const address = target.host.kind === 'name' ? null : judge(target.host.text, target, context, allowedByName);
  return address ?? guard(request, context);
}

/** Without the path, which may contain a secret of the command's. */
const hookRefusal = (target: Target, reason: 'mitm_required' | 'mitm_hook_denied', why = 'no hook matches'): Refused =>
  refuse(target, reason, {
    source: 'mode_guard',
    detail: reason === 'mitm_required' ? 'not a request over TLS through the HTTP proxy' : why,
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

function isLocalLiteral({ host }: Target): boolean {
  return host.kind === 'name' ? host.text === 'localhost' : addressClass(host.text) !== 'global';
}
