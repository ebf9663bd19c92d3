/**
 * The addresses that stand for names in the lane of one command. They lead nowhere but to the policy.
 *
 * Threat: an address of one command's name leads to another name, in this command or in the next; a command that asks
 * for names without end.
 * Rule: each name has one number for as long as the command lives, no number is given twice, and the table dies with
 * the command. Beyond a limit, no further name gets one. Nothing is resolved here.
 * Scope: what an address stands for. Non-scope: whether the name may be reached (decide.ts).
 */
import ipaddr from 'ipaddr.js';

/** RFC 2544: addresses for benchmarks of networks, which no host has. The official program uses them as well. */
const FIRST_IPV4 = 0xc6120000; // 198.18.0.0
/** A private prefix (RFC 4193), as in the official program; the number is its last half. */
const IPV6_PREFIX = 'fdc0:de00::';
/** Names of one command: many more than programs ask for, and few enough to keep. */
const MAX_NAMES = 16_384;

export interface NameAddresses {
  /** The addresses of a canonical name; null: the command has too many names. */
  of(name: string): { readonly ipv4: string; readonly ipv6: string } | null;
  /** The name that an address stands for; null: none. */
  nameOf(address: string): string | null;
}

/** `maxNames`: for tests. */
export function createNameAddresses(maxNames = MAX_NAMES): NameAddresses {
  const numbers = new Map<string, number>();
  const names: string[] = [];
  return {
    of(name) {
      let number = numbers.get(name);
      if (number === undefined) {
        if (names.length >= maxNames) return null;
        number = names.push(name);
        numbers.set(name, number);
      }
      return { ipv4: ipv4Of(number), ipv6: ipaddr.parse(`${IPV6_PREFIX}${number.toString(16)}`).toString() };
    },
    nameOf: (address) => names[numberOf(address) - 1] ?? null,
  };
}

function ipv4Of(number: number): string {
  const value = FIRST_IPV4 + number;
  return [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff].join('.');
}

/** 0: the address stands for no name. */
function numberOf(address: string): number {
  const bytes = ipaddr.isValid(address) ? ipaddr.parse(address).toByteArray() : [];
  const number = bytes.slice(-4).reduce((sum, byte) => sum * 256 + byte, 0);
  if (bytes.length === 4) return number > FIRST_IPV4 && number <= FIRST_IPV4 + MAX_NAMES ? number - FIRST_IPV4 : 0;
  const prefix = ipaddr.parse(IPV6_PREFIX).toByteArray();
  return bytes.slice(0, -4).every((byte, at) => byte === prefix[at]) ? number : 0;
}
