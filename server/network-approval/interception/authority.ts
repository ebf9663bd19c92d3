/**
 * The certificate authority of one daemon: made when the first command in limited mode starts, gone with the process.
 *
 * Threat: a key that somebody else gets hold of, with which every connection of a program that trusts the bundle could
 * be read or changed.
 * Rule: the authority's key cannot be exported, not even by this process; the key of the hosts' certificates lives in
 * memory only. A certificate names exactly one host, and the authority may make no further authorities.
 */
import { randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import type * as X509 from '@peculiar/x509';
import { BoundedMap } from '../../system/node/bounded-map.js';
import type { Host } from '../decide/targets.js';
import { provideMetadata } from './reflect-metadata.js';

export interface Authority {
  /** The authority's own certificate, as PEM. */
  readonly certificate: string;
  /** What a TLS server needs to be that host. */
  credentialsFor(host: Host): Promise<Credentials>;
}

/** Both as PEM. */
export interface Credentials {
  readonly key: string;
  readonly cert: string;
}

/** Shown by programs that list whom they trust. */
const NAME = 'codexd network proxy CA';
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const HOUR_MS = 3_600_000;
/** A daemon may run for months; its authority has to last as long. */
const AUTHORITY_MS = 5 * 365 * 24 * HOUR_MS;
/** Far below the 398 days that clients accept, and renewed after half of it. */
const CERTIFICATE_MS = 14 * 24 * HOUR_MS;
/** Before now, for clocks that are slow. */
const BACKDATED_MS = HOUR_MS;
/** Hosts whose certificates are kept; the one that was used longest ago goes first. */
const MAX_KEPT = 256;

interface Kept {
  readonly until: number;
  readonly credentials: Promise<Credentials>;
}

export async function createAuthority(): Promise<Authority> {
  provideMetadata();
  const x509 = await import('@peculiar/x509');
  const { subtle } = webcrypto;
  const keys = await subtle.generateKey(ALGORITHM, false, ['sign', 'verify']);
  const hostKeys = await subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await selfSigned(x509, keys);
  const key = pem('PRIVATE KEY', Buffer.from(await subtle.exportKey('pkcs8', hostKeys.privateKey)));
  const kept = new BoundedMap<string, Kept>(MAX_KEPT);

  async function make(host: Host): Promise<Credentials> {
    const cert = await hostCertificate(x509, host, { authority: certificate, keys, publicKey: hostKeys.publicKey });
    return { key, cert };
  }

  return {
    certificate: pem('CERTIFICATE', Buffer.from(certificate.rawData)),
    credentialsFor(host) {
      const known = kept.get(host.text);
      const fresh = known !== undefined && known.until > Date.now();
      const entry = fresh ? known : { until: Date.now() + CERTIFICATE_MS / 2, credentials: make(host) };
      if (!fresh) entry.credentials.catch(() => kept.delete(host.text));
      kept.set(host.text, entry); // the newest: used last
      return entry.credentials;
    },
  };
}

/** When a certificate made now is valid. */
const validFor = (ms: number): { notBefore: Date; notAfter: Date } => ({
  notBefore: new Date(Date.now() - BACKDATED_MS),
  notAfter: new Date(Date.now() + ms),
});

async function selfSigned(x509: typeof X509, keys: webcrypto.CryptoKeyPair): Promise<X509.X509Certificate> {
  return x509.X509CertificateGenerator.createSelfSigned({
    // The serial number (X.520) tells two daemons' authorities apart for programs that know an authority by its name.
    name: [{ CN: [NAME] }, { '2.5.4.5': [randomBytes(8).toString('hex')] }],
    ...validFor(AUTHORITY_MS),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
}

interface Signing {
  readonly authority: X509.X509Certificate;
  readonly keys: webcrypto.CryptoKeyPair;
  readonly publicKey: webcrypto.CryptoKey;
}

async function hostCertificate(x509: typeof X509, host: Host, signing: Signing): Promise<string> {
  const { authority, keys, publicKey } = signing;
  const certificate = await x509.X509CertificateGenerator.create({
    // The common name may have 64 characters (RFC 5280, upper bounds); what counts is the alternative name.
    subject: [{ CN: [host.text.slice(0, 64)] }],
    issuer: authority.subjectName,
    ...validFor(CERTIFICATE_MS),
    publicKey,
    signingKey: keys.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([{ type: host.kind === 'name' ? 'dns' : 'ip', value: host.text }]),
      await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
    ],
  });
  return pem('CERTIFICATE', Buffer.from(certificate.rawData));
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').replace(/(.{64})(?!$)/g, '$1\n');
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

/** For the files' names: SHA-256 of the certificate, in hexadecimal. */
export const fingerprint = (certificate: string): string =>
  new X509Certificate(certificate).fingerprint256.replaceAll(':', '').toLowerCase();
