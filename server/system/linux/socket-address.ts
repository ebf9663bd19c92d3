/** Addresses of sockets as bytes. */
import { isIPv4, isIPv6 } from 'node:net';

/** The 4 or 16 bytes of an address, in the order of the network. Throws TypeError for anything else. */
export function addressBytes(address: string): readonly number[] {
  return isIPv4(address) ? address.split('.').map(Number) : bytesOf6(address);
}

/** The same; an IPv4 address in the form of IPv6 (RFC 4291 2.5.5.2) has the four bytes of IPv4. */
export function plainAddressBytes(address: string): readonly number[] {
  const bytes = addressBytes(address);
  return bytes.length === 16 && MAPPED.every((byte, at) => bytes[at] === byte) ? bytes.slice(MAPPED.length) : bytes;
}

const MAPPED: readonly number[] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

function bytesOf6(address: string): number[] {
  const [zoneless = ''] = address.split('%');
  if (!isIPv6(zoneless)) throw new TypeError(`${address} is no IP address`);
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(zoneless);
  const text = dotted ? `${dotted[1]}${pairs(addressBytes(dotted[2] ?? '')).join(':')}` : zoneless;
  const [head = '', tail] = text.split('::');
  const before = head ? head.split(':') : [];
  const after = tail ? tail.split(':') : [];
  const groups =
    tail === undefined ? before : [...before, ...Array(8 - before.length - after.length).fill('0'), ...after];
  return groups.flatMap((group: string) => {
    const value = parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

const pairs = (bytes: readonly number[]): string[] =>
  [0, 2].map((at) => (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)).toString(16));
