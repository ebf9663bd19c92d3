/**
 * The firewall of Windows (netfw.h: INetFwPolicy2, INetFwRules, INetFwRule3) by COM.
 *
 * A COM object is an address of an address of a table of functions. The numbers of the functions are their order in
 * netfw.h, those of IUnknown and IDispatch included. Success is what the firewall reported: who sets a rule reads it
 * back.
 */
import { addressIn, functionsOf, memory, withTexts, type Address } from '../win32-memory.js';
import { Win32Error } from '../win32-security.js';
import { systemCalls } from '../win32.js';

/** The properties of a rule: `get` is the number of the function that reads it, `get + 1` the one that writes it. */
export const RULE_PROPERTIES = {
  name: { get: 7, kind: 'text' },
  description: { get: 9, kind: 'text' },
  applicationName: { get: 11, kind: 'text' },
  serviceName: { get: 13, kind: 'text' },
  protocol: { get: 15, kind: 'number' },
  localPorts: { get: 17, kind: 'text' },
  remotePorts: { get: 19, kind: 'text' },
  localAddresses: { get: 21, kind: 'text' },
  remoteAddresses: { get: 23, kind: 'text' },
  icmpTypes: { get: 25, kind: 'text' },
  direction: { get: 27, kind: 'number' },
  interfaceTypes: { get: 31, kind: 'text' },
  enabled: { get: 33, kind: 'boolean' },
  profiles: { get: 37, kind: 'number' },
  action: { get: 41, kind: 'number' },
  localUsers: { get: 49, kind: 'text' },
} as const;

export type RuleProperty = keyof typeof RULE_PROPERTIES;
export type PropertyValue = string | number | boolean;

/** A rule of the firewall or a new one. Free it. */
export interface FirewallObject {
  get(property: RuleProperty): PropertyValue | Win32Error;
  put(property: RuleProperty, value: PropertyValue): Win32Error | null;
  free(): void;
}

export interface FirewallPolicy {
  /** LocalPolicyModifyState: 0, rules take effect; 1, a policy overrides them; 2, inbound is blocked. */
  modifyState(): number | Win32Error;
  /** The current profiles as bits: 1 domain, 2 private, 4 public. */
  currentProfiles(): number | Win32Error;
  /** Whether the firewall is on for a profile (one bit). */
  isEnabled(profile: number): boolean | Win32Error;
  /** INetFwRules.Item; null: there is no rule of this name. */
  rule(name: string): FirewallObject | null | Win32Error;
  /** A new rule that is not in the firewall yet. */
  create(): FirewallObject | Win32Error;
  /** INetFwRules.Add: a rule of the same name is not replaced. */
  add(rule: FirewallObject): Win32Error | null;
  /** INetFwRules.Remove: one rule of this name. */
  remove(name: string): Win32Error | null;
  free(): void;
}

const POLICY2 = { class: 'e2b3c97f6ae141ac817af6f92166d7dd', interface: '98325047c67141748d81defcd3f03186' };
const RULE = {
  class: '2c5bc43e33694c33ab0cbe9469677af4',
  interface: 'af230d27baba4e42acedf524f22cfce2',
};
/** A rule as INetFwRule has no users; Wine has only this one, so the calls are tested with it. */
const RULE_INTERFACES = { INetFwRule: RULE.interface, INetFwRule3: 'b21563ffd6964222ab464e89b73ab34a' };
/** combaseapi.h, objbase.h; winerror.h. */
const IN_PROCESS = 1;
const MULTITHREADED = 0;
const CHANGED_MODE = 0x80010106;
const NOT_FOUND = 0x80070002;

/** A GUID as memory: its first three parts are numbers with the low byte first. */
function guid(hex: string): Buffer {
  const bytes = Buffer.from(hex, 'hex');
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}

/** The prototypes of functions of a COM object, and the call of one by its number. */
function createCaller() {
  const koffi = systemCalls();
  const { copy } = memory();
  const type = (args: string): unknown =>
    koffi.proto(`int32_t __stdcall (intptr_t self${args === '' ? '' : `, ${args}`})`);
  const types = {
    none: type(''),
    out: type('_Out_ void *value'),
    number: type('int32_t value'),
    short: type('int16_t value'),
    address: type('intptr_t value'),
    numberOut: type('int32_t value, _Out_ void *found'),
    addressOut: type('intptr_t value, _Out_ void *found'),
    query: type('void *id, _Out_ void *found'),
  };
  return (self: Address, slot: number, kind: keyof typeof types, ...args: unknown[]): number => {
    const table = addressIn(copy(self, 8));
    const code = koffi.call(BigInt(addressIn(copy(table + 8 * slot, 8))), types[kind], self, ...args) as number;
    return code >>> 0;
  };
}

/** Throws `machine.native-module`; COM's own error otherwise. */
export function openFirewall(ruleInterface: keyof typeof RULE_INTERFACES = 'INetFwRule3'): FirewallPolicy | Win32Error {
  const ole = functionsOf('ole32.dll');
  const automation = functionsOf('oleaut32.dll');
  const { text } = memory();
  const start = ole('int32_t __stdcall CoInitializeEx(void *reserved, uint32_t model)');
  const end = ole('void __stdcall CoUninitialize()');
  const createInstance = ole(
    'int32_t __stdcall CoCreateInstance(void *class, void *outer, uint32_t context, void *interface, _Out_ void *found)',
  );
  const makeText = automation('intptr_t __stdcall SysAllocString(intptr_t text)');
  const freeText = automation('void __stdcall SysFreeString(intptr_t text)');
  const call = createCaller();

  const failed = (what: string, code: number): Win32Error | null =>
    code >>> 31 === 0 ? null : new Win32Error(what, code);
  const release = (self: Address): void => void (self !== 0 && call(self, 2, 'none'));
  const withBstr = <T>(value: string, use: (bstr: Address) => T): T =>
    withTexts([value], (addresses) => {
      const bstr = makeText(addressIn(addresses));
      try {
        return use(bstr);
      } finally {
        freeText(bstr);
      }
    });
  const create = (of: { readonly class: string; readonly interface: string }, what: string): Address | Win32Error => {
    const out = Buffer.alloc(8);
    const code = createInstance(guid(of.class), null, IN_PROCESS, guid(of.interface), out) >>> 0;
    return failed(what, code) ?? addressIn(out);
  };
  /** The same object by the interface that has the rule's users. */
  const asRule = (self: Address): FirewallObject | Win32Error => {
    const out = Buffer.alloc(8);
    const code = call(self, 0, 'query', guid(RULE_INTERFACES[ruleInterface]), out);
    release(self);
    return failed(ruleInterface, code) ?? ruleAt(addressIn(out));
  };
  const ruleAt = (self: Address): FirewallObject & { readonly self: Address } => ({
    self,
    get(property) {
      const { get, kind } = RULE_PROPERTIES[property];
      const out = Buffer.alloc(8);
      const error = failed(`reading ${property}`, call(self, get, 'out', out));
      if (error) return error;
      if (kind === 'number') return out.readInt32LE();
      if (kind === 'boolean') return out.readInt16LE() !== 0;
      const value = text(addressIn(out));
      freeText(addressIn(out));
      return value;
    },
    put(property, value) {
      const { get } = RULE_PROPERTIES[property];
      const what = `writing ${property}`;
      if (typeof value === 'number') return failed(what, call(self, get + 1, 'number', value));
      if (typeof value === 'boolean') return failed(what, call(self, get + 1, 'short', value ? -1 : 0));
      return withBstr(value, (bstr) => failed(what, call(self, get + 1, 'address', bstr)));
    },
    free: () => release(self),
  });

  const initialized = start(null, MULTITHREADED) >>> 0;
  // Another part of the process may have chosen the other model; then there is nothing to end.
  const error = initialized === CHANGED_MODE ? null : failed('CoInitializeEx', initialized);
  if (error) return error;
  const close = (): void => void (initialized !== CHANGED_MODE && end());
  const policy = create(POLICY2, 'INetFwPolicy2');
  if (policy instanceof Win32Error) {
    close();
    return policy;
  }
  const out = Buffer.alloc(8);
  const noRules = failed('INetFwPolicy2.Rules', call(policy, 18, 'out', out));
  const rules = addressIn(out);
  if (noRules) {
    release(policy);
    close();
    return noRules;
  }
  const ask = (slot: number, what: string): number | Win32Error => {
    const value = Buffer.alloc(8);
    return failed(what, call(policy, slot, 'out', value)) ?? value.readInt32LE();
  };
  return {
    modifyState: () => ask(28, 'LocalPolicyModifyState'),
    currentProfiles: () => ask(7, 'CurrentProfileTypes'),
    isEnabled(profile) {
      const value = Buffer.alloc(8);
      return failed('FirewallEnabled', call(policy, 8, 'numberOut', profile, value)) ?? value.readInt16LE() !== 0;
    },
    rule: (name) =>
      withBstr(name, (bstr) => {
        const found = Buffer.alloc(8);
        const code = call(rules, 10, 'addressOut', bstr, found);
        if (code === NOT_FOUND) return null;
        return failed(`Rules.Item ${name}`, code) ?? asRule(addressIn(found));
      }),
    create() {
      const made = create(RULE, 'INetFwRule');
      return made instanceof Win32Error ? made : asRule(made);
    },
    add(rule) {
      const self = 'self' in rule && typeof rule.self === 'number' ? rule.self : 0;
      return failed('Rules.Add', call(rules, 8, 'address', self));
    },
    remove: (name) => withBstr(name, (bstr) => failed(`Rules.Remove ${name}`, call(rules, 9, 'address', bstr))),
    free() {
      release(rules);
      release(policy);
      close();
    },
  };
}
