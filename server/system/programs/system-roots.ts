/** Where systems keep their root certificates: in a file, or in a store, which Windows and macOS have. */
import tls from 'node:tls';

export const HAS_ROOT_STORE = process.platform === 'win32' || process.platform === 'darwin';
/** Whether files of roots count. On Windows a user could make them on the current drive. */
export const HAS_ROOT_FILES = process.platform !== 'win32';
/** A system has one of them, sometimes under two names; the first that exists counts. */
export const ROOT_FILES: readonly string[] = [
  '/etc/ssl/certs/ca-certificates.crt', // Debian, Ubuntu, Arch, Gentoo
  '/etc/pki/tls/certs/ca-bundle.crt', // Fedora, RHEL
  '/etc/ssl/ca-bundle.pem', // SUSE
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem', // Alpine, macOS, BSD
];

/** Node has it from 22.15 on; the types of the oldest supported Node do not. */
type RootsOfNode = (kind: 'system') => readonly string[];
const rootsOfNode = (tls as { readonly getCACertificates?: RootsOfNode }).getCACertificates;

const LINE = /.{1,64}/g;
const pem = (der: Buffer): string =>
  ['-----BEGIN CERTIFICATE-----', ...(der.toString('base64').match(LINE) ?? []), '-----END CERTIFICATE-----'].join(
    '\n',
  );

/** Every root as PEM, only where HAS_ROOT_STORE; empty if there are none. Throws `machine.native-module`. */
export async function rootsInStore(ofNode: RootsOfNode | undefined = rootsOfNode): Promise<string> {
  const found = ofNode?.('system') ?? [];
  if (found.length > 0) return found.join('\n');
  // Older Nodes cannot ask the keychain; the file has Apple's list, without what people added.
  if (HAS_ROOT_FILES) return '';
  const { systemRootCertificates } = await import('../windows/win32-certificates.js');
  return systemRootCertificates().map(pem).join('\n');
}
