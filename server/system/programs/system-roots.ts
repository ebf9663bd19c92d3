/** The roots of a system that keeps them in a store: Windows, and macOS, which has a file of them as well. */
import tls from 'node:tls';

export const HAS_ROOT_STORE = process.platform === 'win32' || process.platform === 'darwin';
/** Whether files of roots count. On Windows a user could make them on the current drive. */
export const HAS_ROOT_FILES = process.platform !== 'win32';

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
