// In test:quick: openssl makes a certificate in some milliseconds.
import { execaSync } from 'execa';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Test } from 'tap';

export interface TestAuthority {
  /** A PEM file of the authority's certificate. */
  readonly file: string;
  /** A server's key and certificate, for names (`DNS:a.test`) and addresses (`IP:127.0.0.1`). */
  issue(...names: string[]): { readonly key: Buffer; readonly cert: Buffer };
}

const openssl = (...args: string[]) => execaSync('openssl', args, { stdio: 'ignore' });

/** A folder of its own that goes with the test. (tap's testdir is one a test.) */
export function scratchFolder(t: Test): string {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'codexd-limited-')));
  t.teardown(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** An authority that only the daemon trusts. */
export function testAuthority(t: Test): TestAuthority {
  const folder = scratchFolder(t);
  const at = (name: string): string => path.join(folder, name);
  // prettier-ignore
  openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', at('ca.key'),
    '-out', at('ca.pem'), '-days', '2', '-subj', '/CN=test root', '-addext', 'basicConstraints=critical,CA:TRUE');
  let issued = 0;
  return {
    file: at('ca.pem'),
    issue(...names) {
      const name = at(String(++issued));
      const [key, csr, cert, extensions] = [`${name}.key`, `${name}.csr`, `${name}.pem`, `${name}.ext`];
      fs.writeFileSync(extensions, `subjectAltName=${names.join(',')}\n`);
      // prettier-ignore
      openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-out', csr,
        '-subj', '/CN=test server');
      // prettier-ignore
      openssl('x509', '-req', '-in', csr, '-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '2',
        '-extfile', extensions, '-out', cert);
      return { key: fs.readFileSync(key), cert: fs.readFileSync(cert) };
    },
  };
}
