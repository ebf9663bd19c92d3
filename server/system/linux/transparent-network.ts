/**
 * Makes every address of a network namespace the namespace's own, and brings each TCP connection, whatever its address
 * and port, to one listening socket, whose accepted sockets have the address that the client asked for as their own
 * (Documentation/networking/tproxy.rst of the kernel). The addresses of 127.0.0.0/8 and ::1 stay what they are, except
 * for TCP to the resolver's. An answer of a name server comes from the address that was asked. It needs CAP_NET_ADMIN
 * in the namespace.
 *
 * The messages are those of rtnetlink(7) and of nf_tables; `nft --debug=netlink` and `strace ip route` show the same.
 */
import { CodexdError } from '../../errors/codexd-error.js';
import { messageOf } from '../../errors/message-of.js';
import type { Libc } from './libc.js';
import { attribute, exchange, Flag, nested, text, type Message } from './netlink.js';

export type Family = 'ipv4' | 'ipv6';

/** sys/socket.h. */
const AF: Readonly<Record<Family, number>> = { ipv4: 2, ipv6: 10 };
/** linux/netlink.h: protocols. */
const NETLINK_ROUTE = 0;
const NETLINK_NETFILTER = 12;

/** linux/rtnetlink.h: RTM_NEWROUTE, RT_TABLE_MAIN, RTPROT_STATIC, RTN_LOCAL, RT_SCOPE_HOST, RTA_OIF. */
const NEW_ROUTE = 24;
const MAIN_TABLE = 254;
const STATIC = 4;
const LOCAL = 2;
const HOST_SCOPE: Readonly<Record<Family, number>> = { ipv4: 254, ipv6: 0 };
const OUT_INTERFACE = 4;
/** The loopback interface is the first of every namespace. */
const LOOPBACK = 1;

/** linux/netfilter/nfnetlink.h and nf_tables.h: subsystem 10, and messages of its own. */
const BATCH_BEGIN = 0x10;
const BATCH_END = 0x11;
const SUBSYSTEM = 10;
const NEW_TABLE = (SUBSYSTEM << 8) | 0;
const NEW_CHAIN = (SUBSYSTEM << 8) | 3;
const NEW_RULE = (SUBSYSTEM << 8) | 6;
const PREROUTING = 0;
/** NF_IP_PRI_MANGLE: where transparent proxies belong. */
const MANGLE = -150;
const ACCEPT = 1;
const REGISTER = 1;
const VERDICT_REGISTER = 0;
const EQUAL = 0;
const NOT_EQUAL = 1;
const NETWORK_HEADER = 1;
const TRANSPORT_HEADER = 2;
const META_L4PROTO = 16;
const TCP = 6;
const UDP = 17;
/** NFT_PAYLOAD_L4CSUM_PSEUDOHDR: the checksum of the datagram covers the addresses. */
const COVERED = 1;
const TABLE = 'lane';
const CHAIN = 'incoming';

/** Where the destination address is in its header, and what is left alone: 127.0.0.0/8 by its first octet, ::1. */
const DESTINATION: Readonly<Record<Family, { readonly at: number; readonly own: Buffer }>> = {
  ipv4: { at: 16, own: Buffer.from([127]) },
  ipv6: { at: 24, own: Buffer.from([...Array<number>(15).fill(0), 1]) },
};
/** IPv6: where the source address is in its header, and how long it is. */
const SOURCE_AT = 8;
const ADDRESS_BYTES = 16;
const SOURCE_PORT_AT = 0;
const DESTINATION_PORT_AT = 2;
const DNS_PORT = 53;

export interface TransparentNetwork {
  /** The port of the listening socket, on any address of both families. */
  readonly port: number;
  /** The resolver's IPv4 address in 127.0.0.0/8, as its four octets. */
  readonly resolver: readonly number[];
}

/** Throws `machine.os`, whose message names what this kernel lacks, and the remedy. */
export function makeTransparent(libc: Libc, family: Family, network: TransparentNetwork): void {
  const step = (what: string, fix: string, protocol: number, messages: readonly Message[]): void => {
    try {
      exchange(libc, protocol, messages);
    } catch (error) {
      const problem = messageOf(error);
      const remedy = NOT_PERMITTED.test(problem) ? MORE_RIGHTS : fix;
      throw new CodexdError('machine.os', `this kernel does not take ${what}: ${problem}; ${remedy}`, { cause: error });
    }
  };
  const ip = family === 'ipv4' ? 'CONFIG_INET' : 'CONFIG_IPV6';
  step(`a local route to every ${family} address`, `use one with ${ip}`, NETLINK_ROUTE, [localRoute(family)]);
  const [table, chain, ...rules] = tproxyMessages(family, network);
  step(
    'a table of nf_tables (module nf_tables)',
    `\`modprobe nf_tables\` as root, or a kernel with CONFIG_NF_TABLES and CONFIG_NF_TABLES_${family.toUpperCase()}`,
    NETLINK_NETFILTER,
    batch([table!, chain!]),
  );
  step(
    `a rule that redirects (modules nft_tproxy, nf_tproxy_${family})`,
    '`modprobe nft_tproxy` as root, or a kernel with CONFIG_NFT_TPROXY',
    NETLINK_NETFILTER,
    batch(rules),
  );
}

/** EPERM, by its name or by its number: it is no missing module. */
const NOT_PERMITTED = /\((?:EPERM|errno 1)\)/;
const MORE_RIGHTS =
  'let this user have CAP_NET_ADMIN in namespaces of its own (on Ubuntu kernel.apparmor_restrict_unprivileged_userns=0; in a container docs/security.md)';

function localRoute(family: Family): Message {
  // rtmsg: family, lengths of destination and source, tos, table, protocol, scope, type, flags.
  const header = Buffer.from([AF[family], 0, 0, 0, MAIN_TABLE, STATIC, HOST_SCOPE[family], LOCAL, 0, 0, 0, 0]);
  return {
    type: NEW_ROUTE,
    flags: Flag.request | Flag.acknowledge | Flag.create | Flag.exclusive,
    body: Buffer.concat([header, attribute(OUT_INTERFACE, littleEndian(LOOPBACK))]),
  };
}

/** The table, the chain, then the rules. */
export function tproxyMessages(family: Family, { port, resolver }: TransparentNetwork): readonly Message[] {
  const message = (type: number, more: number, ...attributes: readonly Buffer[]): Message => ({
    type,
    flags: Flag.request | Flag.acknowledge | Flag.create | more,
    body: Buffer.concat([subsystemHeader(AF[family]), ...attributes]),
  });
  const rule = (...expressions: readonly Buffer[]): Message =>
    message(NEW_RULE, Flag.append, attribute(1, text(TABLE)), attribute(2, text(CHAIN)), nested(4, ...expressions));
  const { at, own } = DESTINATION[family];
  const redirect = [
    expression('immediate', attribute(1, bigEndian(REGISTER)), nested(2, attribute(1, portBytes(port)))),
    expression('tproxy', attribute(1, bigEndian(AF[family])), attribute(3, bigEndian(REGISTER))),
    expression('immediate', attribute(1, bigEndian(VERDICT_REGISTER)), nested(2, nested(2, verdict(ACCEPT)))),
  ];
  const hook = nested(4, attribute(1, bigEndian(PREROUTING)), attribute(2, bigEndian(MANGLE)));
  return [
    message(NEW_TABLE, 0, attribute(1, text(TABLE))),
    message(
      NEW_CHAIN,
      0,
      ...[attribute(1, text(TABLE)), attribute(3, text(CHAIN)), hook],
      ...[attribute(5, bigEndian(ACCEPT)), attribute(7, text('filter'))],
    ),
    rule(load(NETWORK_HEADER, at, own.length), compare(NOT_EQUAL, own), ...isProtocol(TCP), ...redirect),
    ...(family === 'ipv6'
      ? datagramsByAddress().map((expressions) => rule(...expressions))
      : [
          rule(
            ...[load(NETWORK_HEADER, at, 4), compare(EQUAL, Buffer.from(resolver))],
            ...isProtocol(TCP),
            ...isDns(DESTINATION_PORT_AT),
            ...redirect,
          ),
        ]),
  ];
}

/**
 * The rules that make a name server of IPv6 answer from the address that was asked. IPv4 needs none: a datagram to an
 * address of the host has that address as its source, too, and so has the answer. In IPv6 the kernel chooses the one
 * address of the interface, ::1, for both, and a connected client drops what comes from there.
 * A question gets its destination as its source. The answer goes there, from ::1: both ends are exchanged. No other
 * datagram comes from the resolver's port, which no command may bind.
 */
function datagramsByAddress(): readonly (readonly Buffer[])[] {
  const { at: destinationAt, own } = DESTINATION.ipv6;
  const [source, destination] = [REGISTER, REGISTER + 1];
  const loadBoth = [
    load(NETWORK_HEADER, SOURCE_AT, ADDRESS_BYTES, source),
    load(NETWORK_HEADER, destinationAt, ADDRESS_BYTES, destination),
  ];
  return [
    [
      ...[...isProtocol(UDP), ...isDns(DESTINATION_PORT_AT)],
      ...[load(NETWORK_HEADER, destinationAt, ADDRESS_BYTES), compare(NOT_EQUAL, own)],
      ...[...loadBoth, storeAddress(SOURCE_AT, destination)],
    ],
    [
      ...[...isProtocol(UDP), ...isDns(SOURCE_PORT_AT)],
      ...[...loadBoth, storeAddress(SOURCE_AT, destination), storeAddress(destinationAt, source)],
    ],
  ];
}

const isProtocol = (protocol: number): readonly Buffer[] => [
  expression('meta', attribute(2, bigEndian(META_L4PROTO)), attribute(1, bigEndian(REGISTER))),
  compare(EQUAL, Buffer.from([protocol])),
];

const isDns = (portAt: number): readonly Buffer[] => [
  load(TRANSPORT_HEADER, portAt, 2),
  compare(EQUAL, portBytes(DNS_PORT)),
];

/** Messages that count together. */
function batch(messages: readonly Message[]): readonly Message[] {
  const edge = (type: number): Message => ({ type, flags: Flag.request, body: subsystemHeader(0, SUBSYSTEM) });
  return [edge(BATCH_BEGIN), ...messages, edge(BATCH_END)];
}

/** nfgenmsg: family, version 0, a resource in big-endian. */
const subsystemHeader = (family: number, resource = 0): Buffer => Buffer.from([family, 0, resource >> 8, resource]);

const expression = (name: string, ...data: readonly Buffer[]): Buffer =>
  nested(1, attribute(1, text(name)), nested(2, ...data));

/** Loads octets of a header into a register. */
const load = (header: number, at: number, length: number, register = REGISTER): Buffer =>
  expression(
    'payload',
    ...[attribute(1, bigEndian(register)), attribute(2, bigEndian(header))],
    ...[attribute(3, bigEndian(at)), attribute(4, bigEndian(length))],
  );

/** Writes an address of IPv6 from a register. Its header has no checksum of its own. */
const storeAddress = (at: number, register: number): Buffer =>
  expression(
    'payload',
    ...[attribute(5, bigEndian(register)), attribute(2, bigEndian(NETWORK_HEADER))],
    ...[attribute(3, bigEndian(at)), attribute(4, bigEndian(ADDRESS_BYTES)), attribute(8, bigEndian(COVERED))],
  );

/** The rule continues if the register compares so. */
const compare = (operator: number, value: Buffer): Buffer =>
  expression(
    'cmp',
    ...[attribute(1, bigEndian(REGISTER)), attribute(2, bigEndian(operator)), nested(3, attribute(1, value))],
  );

const verdict = (code: number): Buffer => attribute(1, bigEndian(code));

function bigEndian(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function littleEndian(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function portBytes(port: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(port);
  return bytes;
}
