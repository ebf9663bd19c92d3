/**
 * The addresses of an allowed target, judged one by one.
 *
 * Threat: an allowed name leads to this machine, its network, the metadata service, or the daemon itself.
 * Rule: only judged addresses are dialled. A rule that denies an address denies it under every name.
 * Non-scope: whether the target is allowed (decide.ts), the classes (addresses.ts).
 */
import { messageOf } from '../../errors/message-of.js';
import { addressClass, embeddedIpv4, ownAddresses, type AddressClass } from './addresses.js';
import type { NetworkPolicy } from '../../config/permissions/network-policy.js';
import type { CompiledRules } from './domain-rules.js';
import { nameOf, refuse, type Refused } from './refuse.js';
import type { Resolver } from './resolve.js';
import { canonicalHost, type Target } from './targets.js';

export interface AddressContext {
  readonly policy: Pick<NetworkPolicy, 'allowLocalBinding'>;
  /** The current rules: rules files change while commands run. */
  readonly rules: CompiledRules;
  readonly resolver: Resolver;
  /** The daemon's current listeners. */
  ownEndpoints(): readonly Endpoint[];
}

/** A port of this machine on which the daemon itself listens. It is never reachable, whatever a policy says. */
export interface Endpoint {
  readonly port: number;
}

/** Returns the permitted addresses of an allowed target, or the refusal when there is none. */
export async function dialable(
  target: Target,
  context: AddressContext,
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
export function judge(
  address: string,
  target: Target,
  context: AddressContext,
  chosenLiteral: boolean,
): Refused | null {
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
