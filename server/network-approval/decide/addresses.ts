/**
 * Classifies the addresses that a connection would use.
 *
 * Threat: an allowed name leads to this machine, its network, or a cloud's metadata service (SSRF), directly or as an
 * IPv4 address inside an IPv6 address.
 * Rule: only addresses that the IANA registries call globally reachable are `global`. An embedded IPv4 address is
 * judged as that IPv4 address. Addresses in no table are `reserved`.
 * Scope: every address before a connection.
 * Non-scope: which classes a policy allows (decide.ts).
 */
import os from 'node:os';
import ipaddr from 'ipaddr.js';
import { BoundedMap } from '../../system/node/bounded-map.js';

export type AddressClass =
  | 'global'
  | 'unspecified'
  | 'loopback'
  | 'private'
  | 'shared'
  | 'link-local'
  | 'metadata'
  | 'documentation'
  | 'benchmarking'
  | 'multicast'
  | 'reserved'
  | 'own-interface';

/** The first match wins. IANA IPv4 special-purpose registry; metadata addresses by their vendors' documentation. */
const IPV4_CLASSES: readonly (readonly [string, AddressClass])[] = [
  ['169.254.169.254/32', 'metadata'], // AWS, Google, Azure, OpenStack …
  ['169.254.170.2/32', 'metadata'], // AWS ECS task credentials
  ['169.254.170.23/32', 'metadata'], // AWS EKS pod identity
  ['100.100.100.200/32', 'metadata'], // Alibaba
  ['168.63.129.16/32', 'metadata'], // Azure wire server: globally routable by number, local by meaning
  ['192.0.0.192/32', 'metadata'], // Oracle
  ['0.0.0.0/8', 'unspecified'], // RFC 1122: Linux dials 0.0.0.0 as loopback
  ['10.0.0.0/8', 'private'],
  ['100.64.0.0/10', 'shared'], // RFC 6598, carrier-grade NAT
  ['127.0.0.0/8', 'loopback'],
  ['169.254.0.0/16', 'link-local'],
  ['172.16.0.0/12', 'private'],
  ['192.0.0.0/24', 'reserved'],
  ['192.0.2.0/24', 'documentation'],
  ['192.88.99.0/24', 'reserved'], // RFC 7526, deprecated 6to4 relays
  ['192.168.0.0/16', 'private'],
  ['198.18.0.0/15', 'benchmarking'],
  ['198.51.100.0/24', 'documentation'],
  ['203.0.113.0/24', 'documentation'],
  ['224.0.0.0/4', 'multicast'],
  ['240.0.0.0/4', 'reserved'], // with 255.255.255.255
  ['0.0.0.0/0', 'global'],
];

/** The first match wins. IANA IPv6 special-purpose registry; outside 2000::/3 nothing is global unicast. */
const IPV6_CLASSES: readonly (readonly [string, AddressClass])[] = [
  ['fd00:ec2::/32', 'metadata'], // AWS
  ['fd20:ce::/32', 'metadata'], // Google
  ['::/128', 'unspecified'],
  ['::1/128', 'loopback'],
  ['fc00::/7', 'private'],
  ['fe80::/10', 'link-local'],
  ['fec0::/10', 'private'], // RFC 3879, site-local: deprecated, but some still route it
  ['ff00::/8', 'multicast'],
  ['100::/64', 'reserved'], // discard-only
  ['64:ff9b:1::/48', 'private'], // RFC 8215, local-use NAT64
  ['2001:db8::/32', 'documentation'],
  ['3fff::/20', 'documentation'],
  ['2001:2::/48', 'benchmarking'],
  ['2001::/23', 'reserved'], // IETF protocol assignments, Teredo and ORCHID among them
  ['2000::/3', 'global'],
  ['::/0', 'reserved'],
];

/** IPv6 ranges that contain an IPv4 address, with the octet where it starts. */
const EMBEDDED_IPV4: readonly (readonly [string, number])[] = [
  ['::ffff:0:0/96', 12], // mapped
  ['::ffff:0:0:0/96', 12], // translated (SIIT)
  ['64:ff9b::/96', 12], // NAT64, RFC 6052
  ['2002::/16', 2], // 6to4
];

/** How long the list of this machine's own addresses stays valid, in milliseconds. */
const OWN_ADDRESSES_MS = 2000;

interface Range {
  readonly octets: readonly number[];
  readonly bits: number;
  readonly class: AddressClass;
}

/**
 * Returns the class of an IPv4 or IPv6 address; `reserved` for text that is not an address. `own`: this machine's
 * interface addresses.
 */
export function addressClass(address: string, own: ReadonlySet<string> = ownAddresses()): AddressClass {
  if (knownFor !== own) {
    known = new BoundedMap(MAX_KNOWN);
    knownFor = own;
  }
  const before = known.get(address);
  if (before !== undefined) return before;
  const found = classify(address, own);
  known.set(address, found);
  return found;
}
/** The classes of the last addresses, as long as this machine's own are the same. */
let known = new BoundedMap<string, AddressClass>(0);
let knownFor: ReadonlySet<string> | null = null;
const MAX_KNOWN = 256;

function classify(address: string, own: ReadonlySet<string>): AddressClass {
  if (!ipaddr.isValid(address)) return 'reserved';
  const parsed = ipaddr.parse(address);
  const octets = parsed.toByteArray();
  if (octets.length === 4) {
    const found = firstMatch(octets, ipv4Ranges());
    return found === 'global' && own.has(address) ? 'own-interface' : found;
  }
  const inner = embedded(octets);
  if (inner !== null) return addressClass(inner, own);
  const found = firstMatch(octets, ipv6Ranges());
  if (found !== 'global') return found;
  if (own.has(parsed.toString())) return 'own-interface';
  return isIsatap(octets) ? addressClass(octets.slice(12).join('.'), own) : found;
}

/** Returns the IPv4 address that an IPv6 address embeds, in dotted form; null when it embeds none. */
export function embeddedIpv4(address: string): string | null {
  if (!ipaddr.IPv6.isValid(address)) return null;
  return embedded(ipaddr.IPv6.parse(address).toByteArray());
}

/** This machine's interface addresses, read at most every two seconds. */
export function ownAddresses(): ReadonlySet<string> {
  const now = Date.now();
  if (ownCache === undefined || now - ownCache.at > OWN_ADDRESSES_MS) {
    const all = Object.values(os.networkInterfaces()).flatMap((list) => list ?? []);
    const addresses = new Set(all.map(({ address }) => ipaddr.parse(address.replace(/%.*$/, '')).toString()));
    ownCache = { at: now, addresses };
  }
  return ownCache.addresses;
}
let ownCache: { readonly at: number; readonly addresses: ReadonlySet<string> } | undefined;

function embedded(octets: readonly number[]): string | null {
  const dotted = (start: number): string => octets.slice(start, start + 4).join('.');
  for (const { octets: prefix, bits, start } of embeddedRanges()) {
    if (inRange(octets, prefix, bits)) return dotted(start);
  }
  const compatible = octets.slice(0, 12).every((octet) => octet === 0); // ::a.b.c.d, RFC 4291 §2.5.5.1
  return compatible && (octets[12] !== 0 || octets[13] !== 0) ? dotted(12) : null;
}

/** RFC 5214 §6.1: a global prefix, an interface identifier 0000:5efe or 0200:5efe, and then an IPv4 address. */
function isIsatap(octets: readonly number[]): boolean {
  const [flag, zero, a, b] = octets.slice(8, 12);
  return (flag === 0 || flag === 2) && zero === 0 && a === 0x5e && b === 0xfe;
}

function firstMatch(octets: readonly number[], ranges: readonly Range[]): AddressClass {
  return ranges.find((range) => inRange(octets, range.octets, range.bits))?.class ?? 'reserved';
}

function inRange(octets: readonly number[], prefix: readonly number[], bits: number): boolean {
  const whole = bits >> 3;
  for (let i = 0; i < whole; i++) if (octets[i] !== prefix[i]) return false;
  const rest = bits & 7;
  return rest === 0 || (octets[whole] ?? 0) >> (8 - rest) === (prefix[whole] ?? 0) >> (8 - rest);
}

// Parsed with the first address, not at the load of the module.
let v4: readonly Range[] | undefined;
const ipv4Ranges = (): readonly Range[] => (v4 ??= parseTable(IPV4_CLASSES));
let v6: readonly Range[] | undefined;
const ipv6Ranges = (): readonly Range[] => (v6 ??= parseTable(IPV6_CLASSES));
let inner: readonly { octets: readonly number[]; bits: number; start: number }[] | undefined;
const embeddedRanges = () => (inner ??= EMBEDDED_IPV4.map(([cidr, start]) => ({ ...parseRange(cidr), start })));

function parseTable(table: readonly (readonly [string, AddressClass])[]): readonly Range[] {
  return table.map(([cidr, name]) => ({ ...parseRange(cidr), class: name }));
}

function parseRange(cidr: string): { octets: readonly number[]; bits: number } {
  const [address, bits] = ipaddr.parseCIDR(cidr);
  return { octets: address.toByteArray(), bits };
}
