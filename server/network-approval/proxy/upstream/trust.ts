/**
 * What the certificates of upstreams are verified against where this proxy itself speaks TLS to them: `https:` URLs of
 * plain requests, and limited mode.
 *
 * Rule: the system's roots, and beside them the bundle that the daemon's own environment names. What is configured and
 * cannot be read is an error, never a shorter list. A command's environment has no say in it.
 */
import fs from 'node:fs';
import type tls from 'node:tls';
import { CodexdError } from '../../../errors/codexd-error.js';
import { osCode } from '../../../errors/os-code.js';
import { HAS_ROOT_FILES, HAS_ROOT_STORE, ROOT_FILES, rootsInStore } from '../../../system/programs/system-roots.js';
import type { Environment } from './upstream-proxy.js';

export interface Trust {
  /** Every root as PEM. Throws with the reason and the way out. */
  roots(): Promise<string>;
  /** The same, as TLS wants it. */
  context(): Promise<tls.SecureContext>;
}

/** The first that is set names a bundle of further roots. */
const CONFIGURED = ['CODEX_CA_CERTIFICATE', 'SSL_CERT_FILE'] as const;
const CERTIFICATE = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----/;

/** Reads nothing before it is asked, and then once. */
export function createTrust(environment: Environment): Trust {
  let roots: Promise<string> | undefined;
  let context: Promise<tls.SecureContext> | undefined;
  const trust: Trust = {
    roots: () => (roots ??= readRoots(environment).catch((error: unknown) => ((roots = undefined), reject(error)))),
    context: () => (context ??= makeContext(trust).catch((error: unknown) => ((context = undefined), reject(error)))),
  };
  return trust;
}

const reject = (error: unknown): never => {
  throw error;
};

async function makeContext(trust: Trust): Promise<tls.SecureContext> {
  const [{ createSecureContext }, ca] = await Promise.all([import('node:tls'), trust.roots()]);
  return createSecureContext({ ca });
}

async function readRoots(environment: Environment): Promise<string> {
  const parts = [await systemRoots()];
  const name = CONFIGURED.find((variable) => environment[variable]);
  const file = name === undefined ? undefined : environment[name];
  if (name !== undefined && file !== undefined) parts.push(configuredRoots(name, file));
  return parts.map((part) => (part.endsWith('\n') ? part : `${part}\n`)).join('');
}

/** Node's own list (Mozilla's) where the system has none. */
async function systemRoots(): Promise<string> {
  if (HAS_ROOT_STORE) {
    const stored = await rootsInStore();
    if (stored !== '') return stored;
  }
  for (const file of HAS_ROOT_FILES ? ROOT_FILES : []) {
    try {
      const text = fs.readFileSync(file, 'utf8');
      if (CERTIFICATE.test(text)) return text;
    } catch {
      // The next place; a system has one of them.
    }
  }
  return (await import('node:tls')).rootCertificates.join('\n');
}

function configuredRoots(name: string, file: string): string {
  const fix = `Correct ${name} in the daemon's environment, or unset it`;
  let text: string;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch (error) {
    throw new CodexdError(
      'network.environment',
      `${name} names ${file}, which cannot be read (${osCode(error)}). ${fix}`,
    );
  }
  if (!CERTIFICATE.test(text))
    throw new CodexdError('network.environment', `${name} names ${file}, which holds no PEM certificate. ${fix}`);
  return text;
}
