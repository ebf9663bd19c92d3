/**
 * `network/policy/test`: what the network policy would decide about a request, and by which rule
 * (docs/protocol-extensions.md).
 *
 * Threat: a dry run that differs from the real decision misleads the person who trusts it; a dry run that connects or
 * asks is none.
 * Rule: the decision is made by `decide` with the contexts of real commands. Only its two doors to the outside differ:
 * a name has no addresses, and a question is noted instead of asked. Nothing is recorded.
 * Non-scope: the addresses of a name, which are judged when a command connects.
 */
import type { NetworkPolicyTestResponse } from '../../schema/protocol/operator/policy-test.js';
import type { RequestParams } from '../../schema/registry.js';
import type { DomainRule, NetworkAccess, NetworkPolicy } from '../config/permissions/network-policy.js';
import { networkRuleLine } from '../config/rules/append-rule.js';
import type { NetworkRules } from '../config/rules/rule-set.js';
import { isCode } from '../errors/codexd-error.js';
import { fault } from '../errors/fault.js';
import { invalidParams, invalidRequest } from '../errors/rpc-error.js';
import { defineMethods } from '../rpc/connection/define-methods.js';
import { decide, type AccessRequest, type DecisionContext, type Verdict } from './decide/decide.js';
import type { Endpoint } from './decide/judge-addresses.js';
import { canonicalWrittenHost, type Target } from './decide/targets.js';
import { compileRules } from './decide/domain-rules.js';
import { withRuleFiles } from './decide/rules-overlay.js';
import { decisionContexts } from './decision-context.js';
import { createCommandHooks } from './hooks/command-hooks.js';
import { changeTo, impossible, UNCHANGED, type RulePlace } from './policy-change.js';
import type { SessionMemory } from './registration/session-memory.js';

type Params = RequestParams<'network/policy/test'>;

/** The network of a command that would run now. */
export interface TestedAccess {
  /** Null: it has no name. */
  readonly profile: string | null;
  readonly network: NetworkAccess;
  /** Whether somebody could be asked about its requests. */
  readonly asks: boolean;
  /** What a person approved for the session. Null: there is no session. */
  readonly memory: Pick<SessionMemory, 'approved'> | null;
  /** Where a rule of the person would be written. */
  readonly place: RulePlace;
}

export interface PolicyTestOptions {
  /** Throws RpcError for a thread or profile that does not exist. */
  readonly access: (params: Pick<Params, 'cwd' | 'profile' | 'threadId'>) => Promise<TestedAccess>;
  readonly ruleFiles: () => NetworkRules;
  /** The file of the requirements. */
  readonly requirements: () => string;
  readonly ownEndpoints: () => readonly Endpoint[];
  /** Holds the secrets of hooks. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export const policyTestMethods = defineMethods((options: PolicyTestOptions) => ({
  'network/policy/test': (params) => testPolicy(params, options),
}));

/** Throws RpcError. */
export async function testPolicy(params: Params, options: PolicyTestOptions): Promise<NetworkPolicyTestResponse> {
  const host = canonicalWrittenHost(params.host);
  if (host === null || params.port === 0) throw invalidParams(`no host and port: ${params.host}:${params.port}`);
  const target = { host, port: params.port };
  const access = await options.access(params);
  const { network } = access;
  if (network.kind !== 'proxied') return withoutProxy(network.kind, params, target);
  try {
    return await test(params, target, { ...access, policy: network.policy }, options);
  } catch (error) {
    if (isCode(error, 'network.policy')) throw invalidRequest(error.message);
    throw error;
  }
}

interface Tested extends TestedAccess {
  readonly policy: NetworkPolicy;
}

async function test(
  params: Params,
  target: Target,
  tested: Tested,
  options: PolicyTestOptions,
): Promise<NetworkPolicyTestResponse> {
  const judged = await judge(params, target, tested, options);
  const { place, policy, profile } = tested;
  const forbidden = async (changed: NetworkPolicy): Promise<string | null> => {
    const { verdict, explanation } = await judge(params, target, { ...tested, policy: changed }, options);
    return verdict === 'allow' ? null : explanation;
  };
  const about = {
    target,
    protocol: params.protocol,
    policy,
    place,
    rules: compileRules(withRuleFiles(policy, options.ruleFiles())),
    originOf: (rule: DomainRule) => originOf(rule, profile, options),
    forbidden,
  };
  const [allow, deny] = [await changeTo('allow', about), await changeTo('deny', about)];
  return { ...judged, ruleText: ruleText(target, params.protocol), changes: { allow, deny } };
}

type Judged = Omit<NetworkPolicyTestResponse, 'ruleText' | 'changes'>;

async function judge(
  params: Params,
  target: Target,
  { policy, asks, profile, memory }: Tested,
  options: PolicyTestOptions,
): Promise<Judged> {
  let asked = false;
  let remembered = false;
  const context = decisionContexts(policy, {
    ruleFiles: options.ruleFiles,
    resolver: { resolve: () => Promise.resolve([]) },
    ask: () => {
      remembered =
        asks && memory?.approved({ protocol: params.protocol, host: target.host.text, port: target.port }) === true;
      asked = asks && !remembered;
      // As if a person said yes: what is refused all the same is said.
      return Promise.resolve(asks ? { allow: true } : null);
    },
    mayAsk: () => asks,
    ownEndpoints: options.ownEndpoints,
  })(null);
  let verdict: Verdict | null = null;
  for (const request of await requestsOf(params, target, context, options)) {
    if (verdict === null || verdict.allowed) verdict = await decide(request, context);
  }
  if (verdict === null) throw fault('no request was judged');
  const { deny, allow, review } = context.rules.match(target, params.protocol);
  const rule = verdict.allowed ? (asked || remembered ? null : allow) : verdict.reason === 'denied' ? deny : null;
  const answer = verdict.allowed ? (asked ? 'ask' : 'allow') : 'deny';
  return {
    verdict: answer,
    reason: verdict.allowed ? (asked ? 'not_allowed' : null) : verdict.reason,
    rule: verdict.rule ?? review,
    source: answer === 'ask' ? 'decider' : verdict.source,
    origin: rule === null ? null : originOf(rule, profile, options),
    explanation: explain(answer, verdict, { review, policy, place: `${params.host}:${params.port}`, remembered }),
  };
}

/**
 * The requests that the policy would judge, in order: where requests inside TLS are read, the tunnel and then, if the
 * method is known, the request inside.
 */
async function requestsOf(
  { protocol, method, path }: Params,
  target: Target,
  { policy, hooked }: DecisionContext,
  { environment }: PolicyTestOptions,
): Promise<readonly AccessRequest[]> {
  const request = { protocol, target, method: method ?? (protocol === 'http' ? 'GET' : null) };
  if (protocol !== 'https' || (policy.mode === 'full' && !hooked.has(target.host.text))) return [request];
  const tunnel = { ...request, intercepted: 'tunnel' } as const;
  if (method === null) return [tunnel];
  const hooks = await createCommandHooks(policy.hooks, environment);
  const place = path ?? '/';
  const isDenied = hooks.judge({ method, target: place, headers: [], ...NO_BODY }, target, place) === 'denied';
  return [tunnel, { ...request, intercepted: 'request', ...(isDenied ? { hooks: 'denied' } : {}) }];
}
const NO_BODY = { minorVersion: 1, body: { kind: 'none' }, keepAlive: true, expectContinue: false } as const;

function originOf(
  { source, pattern, protocol, verdict }: DomainRule,
  profile: string | null,
  { ruleFiles, requirements }: PolicyTestOptions,
): string {
  switch (source) {
    case 'managed':
      return `the requirements (${requirements()})`;
    case 'profile':
      return `[permissions.${profile ?? '…'}.network.domains] of the configuration`;
    case 'feature':
      return '[features.network_proxy] of the configuration';
    case 'session':
      return 'the settings of the thread';
    case 'execpolicy': {
      const written = ruleFiles().networkRules.find(
        (rule) => rule.pattern === pattern && rule.decision === verdict && (rule.protocol ?? undefined) === protocol,
      );
      return written === undefined ? 'a rules file' : `${written.path}:${written.line}`;
    }
  }
}

function explain(
  answer: NetworkPolicyTestResponse['verdict'],
  verdict: Verdict,
  about: {
    readonly review: string | null;
    readonly policy: NetworkPolicy;
    readonly place: string;
    readonly remembered: boolean;
  },
): string {
  const { review, policy, place, remembered } = about;
  if (remembered && verdict.allowed) return `A person allowed ${place} for the session of this thread.`;
  if (answer === 'ask') {
    return review === null
      ? `No rule allows ${place}: a person is asked. A rule that allows it would be needed for no question.`
      : `\`${review}\` requires an approval for ${place}. The administrator would have to take it out of review_domains.`;
  }
  if (verdict.allowed)
    return `The rule \`${verdict.rule ?? ''}\` allows ${place}. A rule that denies it would win over it.`;
  switch (verdict.reason) {
    case 'denied':
      return `The rule \`${verdict.rule ?? ''}\` denies ${place}, and denials win. It would have to be removed.`;
    case 'not_allowed':
      return policy.managedAllowedDomainsOnly
        ? `No rule of the requirements allows ${place}, and only those count. The administrator would have to add one.`
        : `No rule allows ${place}, and nobody can be asked. A rule that allows it would be needed.`;
    case 'not_allowed_local':
      return `${place} is an address of this machine or its network. A rule for exactly it, or allow_local_binding, would be needed; the daemon itself is never reachable.`;
    case 'method_not_allowed':
      return 'Limited mode allows GET, HEAD and OPTIONS alone. `mode = "full"` would be needed.';
    case 'mitm_required':
      return `Hooks judge ${place}, so it is reached over TLS through the HTTP proxy alone.`;
    case 'mitm_hook_denied':
      return `Hooks judge ${place}, and none matches this method and path. A hook that does would be needed.`;
  }
}

const ruleText = ({ host }: Target, protocol: Params['protocol']): NetworkPolicyTestResponse['ruleText'] => ({
  allow: networkRuleLine(host.text, protocol, 'allow'),
  deny: networkRuleLine(host.text, protocol, 'deny'),
});

function withoutProxy(kind: 'offline' | 'direct', params: Params, target: Target): NetworkPolicyTestResponse {
  const isOffline = kind === 'offline';
  const explanation = isOffline
    ? 'The profile has no network. Its `network.enabled` would have to be true.'
    : 'The profile has the network of this machine, and no rule is looked at. `[features] network_proxy` would change that.';
  return {
    verdict: isOffline ? 'deny' : 'allow',
    reason: isOffline ? 'no_network' : 'unrestricted',
    rule: null,
    source: 'baseline_policy',
    origin: null,
    explanation,
    ruleText: ruleText(target, params.protocol),
    changes: {
      allow: isOffline ? impossible(explanation) : UNCHANGED,
      deny: isOffline ? UNCHANGED : impossible(explanation),
    },
  };
}
