/** A firewall in memory that writes ranges in other forms than it got, as Windows does. */
import type {
  FirewallObject,
  FirewallPolicy,
  PropertyValue,
  RuleProperty,
} from '../../../../server/system/windows/administration/win32-firewall.js';
import { Win32Error } from '../../../../server/system/windows/win32-security.js';

type Stored = Map<RuleProperty, PropertyValue>;

export interface FakeFirewall extends FirewallPolicy {
  readonly rules: Map<string, Stored>;
  /** Every state that the rules were in, one for each change. */
  readonly states: Map<string, Stored>[];
  /** Objects that were not freed. */
  open: number;
  state: number | Win32Error;
  profiles: number;
  off: readonly number[];
  /** What `add` and `put` keep instead. */
  keep: (property: RuleProperty, value: PropertyValue) => PropertyValue;
  adds: 'keeps' | 'forgets' | 'fails';
}

const OWN_FORMS: Readonly<Record<string, string>> = { '127.0.0.0/8': '127.0.0.0/255.0.0.0', '::1': '::1-::1' };
const ownForm = (property: RuleProperty, value: PropertyValue): PropertyValue =>
  property === 'remoteAddresses' && typeof value === 'string'
    ? value
        .split(',')
        .map((range) => OWN_FORMS[range] ?? range)
        .reverse()
        .join(',')
    : value;

export function fakeFirewall(): FakeFirewall {
  const copy = (): Map<string, Stored> => new Map([...firewall.rules].map(([name, rule]) => [name, new Map(rule)]));
  const object = (stored: Stored, live: boolean): FirewallObject & { readonly stored: Stored } => {
    firewall.open++;
    return {
      stored,
      get: (property) => {
        const value = stored.get(property) ?? (property === 'interfaceTypes' ? 'All' : '');
        return ownForm(property, value);
      },
      put: (property, value) => {
        stored.set(property, firewall.keep(property, value));
        if (live) firewall.states.push(copy());
        return null;
      },
      free: () => void firewall.open--,
    };
  };
  const firewall: FakeFirewall = {
    rules: new Map(),
    states: [],
    open: 0,
    state: 0,
    profiles: 6,
    off: [],
    keep: (_property, value) => value,
    adds: 'keeps',
    modifyState: () => firewall.state,
    currentProfiles: () => firewall.profiles,
    isEnabled: (profile) => !firewall.off.includes(profile),
    rule: (name) => {
      const stored = firewall.rules.get(name);
      return stored ? object(stored, true) : null;
    },
    create: () => object(new Map(), false),
    add: (rule) => {
      if (firewall.adds === 'fails') return new Win32Error('Rules.Add', 5);
      const stored = 'stored' in rule ? (rule.stored as Stored) : new Map<RuleProperty, PropertyValue>();
      if (firewall.adds === 'keeps') firewall.rules.set(String(stored.get('name')), new Map(stored));
      firewall.states.push(copy());
      return null;
    },
    remove: (name) => {
      firewall.rules.delete(name);
      firewall.states.push(copy());
      return null;
    },
    free: () => undefined,
  };
  return firewall;
}
