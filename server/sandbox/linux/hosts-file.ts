/**
 * What a command sees as hosts(5) where its names are judged.
 *
 * Threat: programs look into that file before they ask a name server. With `10.1.2.3 db.corp` in it, the policy would
 * judge an address in place of the name that its rules and questions have.
 * Rule: an entry that leads to another machine is left out, so its name is judged, and looked up outside afterwards,
 * where the file counts. An entry stays if it leads to no other machine, or if the rules allow its address.
 */
import ipaddr from 'ipaddr.js';

/** `ownName`: this machine's. Its entries become the command's own loopback interface: no other machine is meant. */
export function hostsWithJudgedNames(text: string, addresses: readonly string[], ownName: string): string {
  const allowed = new Set(addresses.map(canonical));
  const seen = (line: string): string | null => {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    const parsed = names.length > 0 ? parse(address) : null;
    if (parsed === null || !leadsToMachine(parsed) || allowed.has(parsed.toString())) return line;
    if (!names.some((name) => name.toLowerCase() === ownName.toLowerCase())) return null;
    return `${parsed.kind() === 'ipv4' ? '127.0.0.1' : '::1'} ${names.join(' ')}`;
  };
  return text
    .split('\n')
    .map(seen)
    .filter((line) => line !== null)
    .join('\n');
}

/** null: no program reads it as an address. */
const parse = (address: string): ipaddr.IPv4 | ipaddr.IPv6 | null =>
  ipaddr.isValid(address) ? ipaddr.process(address) : null;

const canonical = (address: string): string => parse(address)?.toString() ?? address;

function leadsToMachine(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  const [first = 0, second = 0] = address.toByteArray();
  // Debian's `fe00::0 ip6-localnet`, in a range that RFC 4291 leaves unassigned.
  if (address.kind() === 'ipv6' && first === 0xfe && second < 0x80) return false;
  return !['loopback', 'unspecified', 'multicast', 'broadcast'].includes(address.range());
}
