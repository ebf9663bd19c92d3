/**
 * Ranges of addresses and ports in the words of Windows' firewall, as numbers.
 *
 * Threat: Windows writes a range in another form than it was given. A comparison of texts would miss a difference, or
 * report one where there is none.
 * Rule: an address, a network (with bits or a mask) and a range become their first and last number. What cannot be read
 * is an error, never an empty range.
 * Scope: the numbers. Non-scope: keywords of the firewall (`LocalSubnet`), which codexd never writes.
 */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

export interface AddressRange {
  readonly family: 4 | 6;
  readonly from: bigint;
  readonly to: bigint;
}

/** `127.0.0.1`, `127.0.0.0/8`, `127.0.0.0/255.0.0.0`, `::2-ffff::`. Throws RangeError. */
export function addressRange(text: string): AddressRange {
  const [first = '', last, more] = text.split('-');
  if (last !== undefined && more === undefined) {
    const [from, to] = [single(first), single(last)];
    if (from.family !== to.family || from.number > to.number) throw unreadable(text);
    return { family: from.family, from: from.number, to: to.number };
  }
  const [address = '', length, extra] = text.split('/');
  if (last !== undefined || extra !== undefined) throw unreadable(text);
  const { family, number } = single(address);
  const width = family === 4 ? 32n : 128n;
  const bits = length === undefined ? width : bitsOf(length, family);
  if (bits === null || bits > width) throw unreadable(text);
  const host = (1n << (width - bits)) - 1n;
  return { family, from: number & ~host, to: number | host };
}

/** `*`, `80`, `0-79,81-65535`. Throws RangeError. */
export function portsOf(list: string): readonly (readonly [number, number])[] {
  if (list === '*') return [[0, 65535]];
  return list.split(',').map((item) => {
    const found = /^\s*(\d{1,5})(?:-(\d{1,5}))?\s*$/.exec(item);
    const from = Number(found?.[1]);
    const to = Number(found?.[2] ?? found?.[1]);
    if (!found || from > to || to > 65535) throw new RangeError(`${item} is no range of ports`);
    return [from, to] as const;
  });
}

const unreadable = (text: string): RangeError => new RangeError(`${text} is no range of addresses`);

function single(address: string): { readonly family: 4 | 6; readonly number: bigint } {
  // Stricter than the library, which reads octal numbers and single ones as IPv4.
  const family = isIP(address);
  if ((family !== 4 && family !== 6) || address.includes('%')) throw unreadable(address);
  const bytes = ipaddr.parse(address).toByteArray();
  return { family, number: bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n) };
}

/** The bits of `8` and of `255.0.0.0`; null: neither. */
function bitsOf(length: string, family: 4 | 6): bigint | null {
  if (/^\d{1,3}$/.test(length)) return BigInt(length);
  if (family !== 4 || isIP(length) !== 4) return null;
  const ones = single(length).number.toString(2).padStart(32, '0');
  return /^1*0*$/.test(ones) ? BigInt(ones.indexOf('0') < 0 ? 32 : ones.indexOf('0')) : null;
}
