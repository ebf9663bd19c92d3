/** The certificates that Windows trusts for TLS servers: of this user, of the machine, and of its administrators. */
import { addressIn, functionsOf, memory, type Address } from './win32-memory.js';

/** CERT_CONTEXT with 64-bit pointers: the kind, then the address of the DER bytes and their number. */
const CONTEXT_BYTES = 20;
const BYTES_AT = 8;
const LENGTH_AT = 16;
/** CTL_USAGE: a number, and the address of as many addresses of texts. */
const USAGE_HEAD_BYTES = 16;
/** `cUsageIdentifier` 0 and this error: good for every use (wincrypt.h, CertGetEnhancedKeyUsage). */
const NOT_FOUND = 0x80092004;
const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1';
const ANY_USE = '2.5.29.37.0';

/** The DER bytes of each root that counts for servers. Empty: there is no store. Throws `machine.native-module`. */
export function systemRootCertificates(): readonly Buffer[] {
  const crypt = functionsOf('crypt32.dll');
  const open = crypt('intptr_t __stdcall CertOpenSystemStoreW(intptr_t provider, const char16_t *name)');
  const next = crypt('intptr_t __stdcall CertEnumCertificatesInStore(intptr_t store, intptr_t previous)');
  const usage = crypt(
    'int __stdcall CertGetEnhancedKeyUsage(intptr_t certificate, uint32_t flags, _Out_ void *usage, _Inout_ uint32_t *bytes)',
  );
  const close = crypt('int __stdcall CertCloseStore(intptr_t store, uint32_t flags)');
  const { copy, lastError } = memory();

  /** A person or an administrator may have limited what a root is good for. */
  const countsForServers = (certificate: Address): boolean => {
    const bytes = [0];
    if (usage(certificate, 0, null, bytes) === 0) return lastError() === NOT_FOUND;
    const found = Buffer.alloc(Math.max(bytes[0] ?? 0, USAGE_HEAD_BYTES));
    if (usage(certificate, 0, found, bytes) === 0) return lastError() === NOT_FOUND;
    const count = found.readUInt32LE(0);
    if (count === 0) return lastError() === NOT_FOUND;
    const list = copy(addressIn(found, 8), count * 8);
    const uses = Array.from({ length: count }, (_, i) => asciiAt(addressIn(list, i * 8)));
    return uses.includes(SERVER_AUTHENTICATION) || uses.includes(ANY_USE);
  };
  /** Object identifiers are short texts of digits; a copy may not read beyond its page, so it goes byte by byte. */
  const asciiAt = (address: Address): string => {
    let text = '';
    for (let at = address; text.length < 64; at++) {
      const [byte = 0] = copy(at, 1);
      if (byte === 0) break;
      text += String.fromCharCode(byte);
    }
    return text;
  };
  const all = (name: string, counts: (certificate: Address) => boolean): Buffer[] => {
    const found: Buffer[] = [];
    const store = open(0, name);
    if (store === 0) return found;
    // Each step frees the certificate before.
    for (let certificate = next(store, 0); certificate !== 0; certificate = next(store, certificate)) {
      const context = copy(certificate, CONTEXT_BYTES);
      if (counts(certificate)) found.push(copy(addressIn(context, BYTES_AT), context.readUInt32LE(LENGTH_AT)));
    }
    close(store, 0);
    return found;
  };
  const refused = new Set(all('Disallowed', () => true).map((der) => der.toString('base64')));
  return all('ROOT', countsForServers).filter((der) => !refused.has(der.toString('base64')));
}
