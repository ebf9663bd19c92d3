import t from 'tap';
import fc from 'fast-check';
import {
  addressClass,
  embeddedIpv4,
  ownAddresses,
  type AddressClass,
} from '../../../server/network-approval/decide/addresses.js';

const NONE: ReadonlySet<string> = new Set();

t.test('every address has the class of the narrowest range that contains it', async (t) => {
  const rows: [address: string, expected: AddressClass, why: string][] = [
    ['8.8.8.8', 'global', ''],
    ['1.0.0.1', 'global', ''],
    ['0.0.0.0', 'unspecified', 'case 24: Linux dials it as loopback'],
    ['0.1.2.3', 'unspecified', 'this network'],
    ['127.0.0.1', 'loopback', 'case 16'],
    ['127.255.255.254', 'loopback', 'all of 127/8'],
    ['10.0.0.1', 'private', 'case 18'],
    ['172.16.0.1', 'private', 'case 18: first of /12'],
    ['172.31.255.255', 'private', 'case 18: last of /12'],
    ['172.32.0.1', 'global', 'just after /12'],
    ['192.168.1.1', 'private', 'case 18'],
    ['100.64.0.1', 'shared', 'case 18: CGNAT'],
    ['100.127.255.255', 'shared', 'case 18: last of /10'],
    ['100.128.0.0', 'global', 'just after /10'],
    ['169.254.1.1', 'link-local', ''],
    ['169.254.169.254', 'metadata', 'case 17'],
    ['100.100.100.200', 'metadata', 'case 17'],
    ['168.63.129.16', 'metadata', 'case 17: routable by number'],
    ['192.0.0.192', 'metadata', ''],
    ['192.0.2.1', 'documentation', ''],
    ['198.18.0.1', 'benchmarking', ''],
    ['198.19.255.255', 'benchmarking', 'last of /15'],
    ['224.0.0.1', 'multicast', ''],
    ['255.255.255.255', 'reserved', ''],
    ['2606:4700:4700::1111', 'global', ''],
    ['::', 'unspecified', 'case 24'],
    ['::1', 'loopback', ''],
    ['fc00::1', 'private', 'case 18: ULA'],
    ['fd00:ec2::254', 'metadata', 'case 17: metadata over IPv6'],
    ['fe80::1', 'link-local', ''],
    ['fec0::1', 'private', 'site-local'],
    ['ff02::1', 'multicast', ''],
    ['100::1', 'reserved', 'discard-only'],
    ['2001:db8::1', 'documentation', ''],
    ['2001::1', 'reserved', 'Teredo'],
    ['3fff::1', 'documentation', ''],
    ['4000::1', 'reserved', 'outside 2000::/3 nothing is global'],
    ['no address', 'reserved', 'what cannot be parsed'],
  ];
  for (const [address, expected, why] of rows) t.equal(addressClass(address, NONE), expected, `${address} ${why}`);
});

t.test('case 13: an IPv4 address inside an IPv6 one is judged as the IPv4 address', async (t) => {
  const rows: [address: string, expected: AddressClass, why: string][] = [
    ['::ffff:7f00:1', 'loopback', 'mapped'],
    ['::ffff:8.8.8.8', 'global', 'mapped'],
    ['::ffff:0:a00:1', 'private', 'translated'],
    ['::127.0.0.1', 'loopback', 'compatible'],
    ['64:ff9b::7f00:1', 'loopback', 'NAT64'],
    ['64:ff9b::a9fe:a9fe', 'metadata', 'NAT64'],
    ['64:ff9b:1::8.8.8.8', 'private', 'local-use NAT64 is somebody’s own network'],
    ['2002:7f00:1::', 'loopback', '6to4'],
    ['2002:808:808::1', 'global', '6to4'],
    ['2606:4700::5efe:127.0.0.1', 'loopback', 'ISATAP below a global prefix'],
    ['fe80::5efe:8.8.8.8', 'link-local', 'ISATAP does not lift the prefix'],
  ];
  for (const [address, expected, why] of rows) t.equal(addressClass(address, NONE), expected, `${address} ${why}`);
  t.equal(embeddedIpv4('2002:7f00:1::'), '127.0.0.1');
  t.equal(embeddedIpv4('2606:4700:4700::1111'), null);
  t.equal(embeddedIpv4('127.0.0.1'), null);
});

t.test("case 19: this machine's own public address has a class of its own", async (t) => {
  const own = new Set(['9.9.9.9', '2606:4700:4700::9']);
  t.equal(addressClass('9.9.9.9', own), 'own-interface');
  t.equal(addressClass('::ffff:9.9.9.9', own), 'own-interface');
  t.equal(addressClass('2606:4700:4700:0::9', own), 'own-interface');
  t.ok(ownAddresses().has('127.0.0.1'), 'the interfaces are really read');
});

t.test('mapping an IPv4 address into IPv6 never changes its class', async () => {
  fc.assert(fc.property(fc.ipV4(), (v4) => addressClass(v4, NONE) === addressClass(`::ffff:${v4}`, NONE)));
});

t.test('no text makes the function throw', async () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.ipV6(), fc.ipV4Extended()), (text) => addressClass(text, NONE) !== undefined),
  );
});
