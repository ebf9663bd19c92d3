/**
 * The rules of Windows' firewall for the `offline` user, as data, and a judge of them.
 *
 * Threat: the offline user's commands are confined by these rules alone. An address, a protocol or a port that no rule
 * covers is a way out.
 * Rule: everything that is not loopback is blocked, for every protocol of IPv4 and IPv6. On loopback UDP and ICMP are
 * blocked, and TCP except for the ports of the lanes at 127.0.0.1, where daemons listen (network-approval/lanes): other
 * loopback addresses may have other listeners on the same ports. With allow_local_binding loopback is open. The online
 * user has no rule. A rule that blocks wins over every rule that allows, so nothing is said with rules that allow.
 * Order: first the rules that block all of it, then the one for TCP on loopback is narrowed to leave the lanes' ports.
 * Scope: outgoing connections of a user. Non-scope: that Windows enforces them (proof.ts asks it); raw sockets of other
 * protocols on loopback, which need an administrator's rights.
 */
import { addressRange, portsOf, type AddressRange } from './address-range.js';

/** NET_FW_IP_PROTOCOL and the numbers of IANA. */
export const PROTOCOL = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58, any: 256 } as const;

/** The properties of INetFwRule3 that codexd sets and reads back. */
export interface FirewallRule {
  /** Its key in the firewall; also the way back. */
  readonly name: string;
  readonly description: string;
  /** 0…255, or PROTOCOL.any. */
  readonly protocol: number;
  /** In Windows' own words: comma separated addresses, ranges and networks; `*` is all. */
  readonly remoteAddresses: string;
  /** In Windows' own words, for TCP and UDP; `*` is all. */
  readonly remotePorts: string | null;
  /** LocalUserAuthorizedList: SDDL whose entry is the user. */
  readonly users: string;
  readonly direction: 'out';
  readonly action: 'block';
  readonly enabled: true;
  /** NET_FW_PROFILE2_ALL: domain, private and public networks. */
  readonly profiles: number;
}

export const ALL_PROFILES = 0x7fffffff;

export interface OfflineFirewall {
  /** Begins the name of each rule. */
  readonly prefix: string;
  readonly sid: string;
  /** Loopback TCP ports that stay open, 1…65535. */
  readonly lanePorts: readonly number[];
  readonly allowLocalBinding: boolean;
}

/** Loopback is 127.0.0.0/8 and ::1. `::` is none: a connection to it must not pass as one. */
const LOOPBACK = '127.0.0.0/8,::1';
const LANES = '127.0.0.1';
const NO_LANES = '127.0.0.0,127.0.0.2-127.255.255.255,::1';
const NOT_LOOPBACK = '0.0.0.0-126.255.255.255,128.0.0.0-255.255.255.255,::,::2-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff';

/** The rules that stand in the end. Throws RangeError for what is no port and no SID. */
export function offlineRules(options: OfflineFirewall): readonly FirewallRule[] {
  const { prefix, sid, lanePorts, allowLocalBinding } = options;
  if (!/^S-1-5-21(?:-\d{1,10}){4}$/.test(sid)) throw new RangeError(`${sid} is not the SID of a user`);
  const ports = [...new Set(lanePorts)].sort((a, b) => a - b);
  const wrong = ports.find((port) => !Number.isInteger(port) || port < 1 || port > 65535);
  if (wrong !== undefined) throw new RangeError(`${wrong} is not a port`);
  const rule = (name: string, protocol: number, remoteAddresses: string, remotePorts: string | null): FirewallRule => ({
    name: `${prefix}_offline_${name}`,
    description: 'codexd: commands without direct network (codexd windows-sandbox-setup --remove)',
    protocol,
    remoteAddresses,
    remotePorts,
    users: `O:LSD:(A;;CC;;;${sid})`,
    direction: 'out',
    action: 'block',
    enabled: true,
    profiles: ALL_PROFILES,
  });
  const outbound = rule('block_outbound', PROTOCOL.any, NOT_LOOPBACK, null);
  if (allowLocalBinding) return [outbound];
  return [
    outbound,
    rule('block_loopback_udp', PROTOCOL.udp, LOOPBACK, '*'),
    rule('block_loopback_icmp', PROTOCOL.icmp, '127.0.0.0/8', null),
    rule('block_loopback_icmpv6', PROTOCOL.icmpv6, '::1', null),
    rule('block_loopback_tcp_elsewhere', PROTOCOL.tcp, NO_LANES, '*'),
    rule('block_loopback_tcp', PROTOCOL.tcp, LANES, allPortsBut(ports)),
  ];
}

/** The names of all rules that codexd may have made for a prefix. */
export const ruleNames = (prefix: string): readonly string[] =>
  [
    'block_outbound',
    'block_loopback_udp',
    'block_loopback_icmp',
    'block_loopback_icmpv6',
    'block_loopback_tcp_elsewhere',
    'block_loopback_tcp',
  ].map((name) => `${prefix}_offline_${name}`);

export type FirewallStep =
  { readonly kind: 'put'; readonly rule: FirewallRule } | { readonly kind: 'remove'; readonly name: string };

/**
 * The changes in their order: at no moment is something open that is closed in the end. Rules of another state of the
 * set-up are removed last.
 */
export function firewallSteps(options: OfflineFirewall): readonly FirewallStep[] {
  const rules = offlineRules(options);
  const broad = rules.map((rule) => (rule.remotePorts === null ? rule : { ...rule, remotePorts: '*' }));
  const narrowed = rules.filter((rule) => rule.remotePorts !== null && rule.remotePorts !== '*');
  const names = new Set(rules.map(({ name }) => name));
  const left = ruleNames(options.prefix).filter((name) => !names.has(name));
  return [
    ...[...broad, ...narrowed].map((rule) => ({ kind: 'put', rule }) as const),
    ...left.map((name) => ({ kind: 'remove', name }) as const),
  ];
}

/** `ports`: sorted. Windows' form: `0-8099,8101-65535`. */
export function allPortsBut(ports: readonly number[]): string {
  const starts = [0, ...ports.map((port) => port + 1)];
  const ends = [...ports.map((port) => port - 1), 65535];
  const ranges = starts.flatMap((start, i) => {
    const end = ends[i] ?? 65535;
    return start > end ? [] : [start === end ? `${start}` : `${start}-${end}`];
  });
  return ports.length === 0 ? '*' : ranges.join(',');
}

export interface Connection {
  /** The user's. */
  readonly sid: string;
  /** IANA's number. */
  readonly protocol: number;
  /** IPv4 or IPv6. An IPv4 address in IPv6's form is the IPv4 address: Windows makes that connection. */
  readonly address: string;
  /** 0 for protocols without ports. */
  readonly port: number;
}

/** Whether one of the rules blocks a connection. Throws RangeError for a rule or an address that it cannot read. */
export function isBlocked(rules: readonly FirewallRule[], connection: Connection): boolean {
  const target = addressRange(mapped(connection.address) ?? connection.address);
  return rules.some((rule) => covers(rule, connection, target));
}

function covers(rule: FirewallRule, { sid, protocol, port }: Connection, target: AddressRange): boolean {
  if (!userOf(rule.users).includes(sid)) return false;
  if (rule.protocol !== PROTOCOL.any && rule.protocol !== protocol) return false;
  if (!addressesOf(rule.remoteAddresses).some((range) => isIn(target, range))) return false;
  return rule.remotePorts === null || portsOf(rule.remotePorts).some(([from, to]) => from <= port && port <= to);
}

/** The SIDs that an SDDL of a rule names. */
export const userOf = (sddl: string): readonly string[] =>
  [...sddl.matchAll(/\(A;;(?:CC|0x1);;;(S-[0-9-]+)\)/g)].flatMap(([, sid]) => sid ?? []);

/** All ranges of a list in Windows' words. */
export const addressesOf = (list: string): readonly AddressRange[] =>
  list === '*'
    ? [addressRange('0.0.0.0/0'), addressRange('::/0')]
    : list.split(',').map((item) => addressRange(item.trim()));

const isIn = (inner: AddressRange, outer: AddressRange): boolean =>
  inner.family === outer.family && inner.from >= outer.from && inner.to <= outer.to;

/** The IPv4 address in an IPv6 address of that form; null: it has none. */
function mapped(address: string): string | null {
  if (!address.includes(':')) return null;
  const { from } = addressRange(address);
  if (from >> 32n !== 0xffffn) return null;
  return [24n, 16n, 8n, 0n].map((shift) => String((from >> shift) & 0xffn)).join('.');
}
