/**
 * Puts the rules of the offline user into Windows' firewall, and reads every one back.
 *
 * Threat: the firewall is off, a policy of the domain overrides its rules, or it reports success and keeps nothing: the
 * offline user would have the whole network.
 * Rule: the firewall is on for every current profile, and its rules take effect. Each rule is read back with all its
 * properties, also those that codexd leaves empty: one more condition would make a rule narrower. The error names the
 * rule and the property.
 * Scope: rules with codexd's own names. Non-scope: rules of others, which are neither changed nor trusted; that Windows
 * enforces what it stores (proof.ts).
 */
import type {
  FirewallObject,
  FirewallPolicy,
  PropertyValue,
  RuleProperty,
} from '../../../system/windows/administration/win32-firewall.js';
import { Win32Error } from '../../../system/windows/win32-security.js';
import { addressesOf, firewallSteps, ruleNames, userOf, type FirewallRule, type OfflineFirewall } from '../firewall.js';
import { portsOf } from '../address-range.js';

/** NET_FW_RULE_DIR_OUT, NET_FW_ACTION_BLOCK, NET_FW_MODIFY_STATE_OK (icftypes.h). */
const OUT = 2;
const BLOCK = 0;
const RULES_COUNT = 0;
/** The profiles: domain, private, public. */
const PROFILES = { 1: 'domain', 2: 'private', 4: 'public' } as const;

/** Null: all rules stand. Otherwise what does not, in words. */
export function applyFirewall(options: OfflineFirewall, policy: FirewallPolicy): string | null {
  const off = ineffective(policy);
  if (off !== null) return off;
  for (const step of firewallSteps(options)) {
    const error = step.kind === 'put' ? put(step.rule, policy) : remove(step.name, policy);
    if (error !== null) return error;
  }
  return null;
}

/** Removes all rules of a prefix. Idempotent. Null: none is left. */
export function removeFirewall(prefix: string, policy: FirewallPolicy): string | null {
  for (const name of ruleNames(prefix)) {
    const error = remove(name, policy);
    if (error !== null) return error;
  }
  return null;
}

/** Why no rule takes effect; null: rules do. */
function ineffective(policy: FirewallPolicy): string | null {
  const state = policy.modifyState();
  if (state instanceof Win32Error)
    return `the firewall does not say whether its rules take effect: ${state.toString()}`;
  if (state !== RULES_COUNT)
    return `rules of this machine do not take effect in the firewall (LocalPolicyModifyState ${state}): a policy of the domain overrides them`;
  const current = policy.currentProfiles();
  if (current instanceof Win32Error)
    return `the firewall does not say which profiles are in use: ${current.toString()}`;
  for (const [bit, name] of Object.entries(PROFILES)) {
    if ((current & Number(bit)) === 0) continue;
    const on = policy.isEnabled(Number(bit));
    if (on instanceof Win32Error) return `the firewall does not say whether it is on (${name}): ${on.toString()}`;
    if (!on) return `Windows' firewall is off for the ${name} profile`;
  }
  return current === 0 ? 'the firewall has no profile in use' : null;
}

function put(rule: FirewallRule, policy: FirewallPolicy): string | null {
  const existing = policy.rule(rule.name);
  if (existing instanceof Win32Error) return unreadable(rule.name, existing);
  if (existing !== null) {
    try {
      // Changed in place, so that it blocks at every moment.
      const error = write(rule, existing, 'differing');
      if (error !== null) return `the rule ${rule.name} cannot be changed: ${error.toString()}`;
    } finally {
      existing.free();
    }
    return readBack(rule, policy);
  }
  const made = policy.create();
  if (made instanceof Win32Error) return `the rule ${rule.name} cannot be made: ${made.toString()}`;
  try {
    const error = write(rule, made) ?? policy.add(made);
    if (error !== null) return `the rule ${rule.name} cannot be made: ${error.toString()}`;
  } finally {
    made.free();
  }
  return readBack(rule, policy);
}

function remove(name: string, policy: FirewallPolicy): string | null {
  // There may be several rules of one name.
  for (let tries = 0; tries < 16; tries++) {
    const found = policy.rule(name);
    if (found instanceof Win32Error) return unreadable(name, found);
    if (found === null) return null;
    found.free();
    const error = policy.remove(name);
    if (error !== null) return `the rule ${name} cannot be removed: ${error.toString()}`;
  }
  return `the rule ${name} is there again after each removal`;
}

const unreadable = (name: string, error: Win32Error): string =>
  `the rule ${name} cannot be read back: ${error.toString()}`;

function readBack(rule: FirewallRule, policy: FirewallPolicy): string | null {
  const found = policy.rule(rule.name);
  if (found instanceof Win32Error) return unreadable(rule.name, found);
  if (found === null)
    return `the rule ${rule.name} cannot be read back: Windows reported success, and has no such rule`;
  try {
    const wrong = difference(rule, found);
    return wrong === null ? null : `the rule ${rule.name} was read back with another ${wrong}`;
  } finally {
    found.free();
  }
}

/** What is written, in an order that Windows accepts: the protocol before its ports. */
function properties(rule: FirewallRule): readonly (readonly [RuleProperty, PropertyValue])[] {
  return [
    ['name', rule.name],
    ['description', rule.description],
    ['protocol', rule.protocol],
    ['direction', OUT],
    ['action', BLOCK],
    ...(rule.remotePorts === null ? [] : ([['remotePorts', rule.remotePorts]] as const)),
    ['remoteAddresses', rule.remoteAddresses],
    ['localUsers', rule.users],
    ['profiles', rule.profiles],
    ['enabled', rule.enabled],
  ];
}

/** `differing`: only what is not as it must be, because a new protocol, for example, would reset the ports. */
function write(rule: FirewallRule, object: FirewallObject, which?: 'differing'): Win32Error | null {
  for (const [property, value] of properties(rule)) {
    const found = which === undefined ? null : object.get(property);
    if (found !== null && !(found instanceof Win32Error) && isEqual(property, value, found)) continue;
    const error = object.put(property, value);
    if (error !== null) return error;
  }
  return null;
}

/** Conditions that codexd does not set; with one of them a rule is about less. */
const EMPTY: readonly RuleProperty[] = ['applicationName', 'serviceName', 'localPorts', 'localAddresses', 'icmpTypes'];

/** The first property that differs, with what was read; null: none. */
function difference(rule: FirewallRule, object: FirewallObject): string | null {
  const expected = [
    ...properties(rule).map(
      ([property, value]) => [property, (found: PropertyValue) => isEqual(property, value, found)] as const,
    ),
    ...EMPTY.map((property) => [property, (found: PropertyValue) => found === '' || found === '*'] as const),
    ['interfaceTypes', (found: PropertyValue) => found === '' || found === 'All'] as const,
    ...(rule.remotePorts === null
      ? [['remotePorts', (found: PropertyValue) => found === '' || found === '*'] as const]
      : []),
  ] as const;
  for (const [property, fits] of expected) {
    const found = object.get(property);
    if (found instanceof Win32Error) return `${property}, which cannot be read: ${found.toString()}`;
    if (!fits(found)) return `${property}: ${String(found)}`;
  }
  return null;
}

/** Windows writes ranges and SDDL in forms of its own. */
function isEqual(property: RuleProperty, wanted: PropertyValue, found: PropertyValue): boolean {
  if (typeof wanted !== 'string' || typeof found !== 'string') return wanted === found;
  try {
    if (property === 'remoteAddresses') return sameRanges(addressesOf(wanted), addressesOf(found));
    if (property === 'remotePorts') return JSON.stringify(portsOf(wanted)) === JSON.stringify(portsOf(found));
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
  if (property === 'localUsers') {
    const [own, other] = [userOf(wanted), userOf(found)];
    // One entry that allows, and nothing beside it.
    return own[0] === other[0] && own.length === other.length && (found.match(/\(/g) ?? []).length === own.length;
  }
  return wanted === found;
}

type Ranges = ReturnType<typeof addressesOf>;
const sameRanges = (one: Ranges, other: Ranges): boolean => {
  const text = (ranges: Ranges): string =>
    ranges
      .map(({ family, from, to }) => `${family} ${from} ${to}`)
      .sort()
      .join();
  return text(one) === text(other);
};
