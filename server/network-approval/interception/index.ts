/**
 * Limited mode's look into TLS, as one piece that is loaded with the first command that needs it (scripts/build.mjs):
 * the authority, its files, and the end of each tunnel.
 */
import type { ClientStream, StreamEnd } from '../proxy/upstream/command-port.js';
import type { Trust } from '../proxy/upstream/trust.js';
import { createAuthority } from './authority.js';
import { createCaFiles } from './ca-files.js';
import { terminate } from './terminate.js';

export interface Interceptor {
  /**
   * Sees to it that the files are there, and names them: the one that commands must trust, and the certificate of the
   * authority alone. Throws when they cannot be written.
   */
  makeFiles(): { readonly bundle: string; readonly authority: string };
  /** Serves what the client says in a tunnel. Rejects for faults of the daemon's own. */
  intercept(stream: ClientStream): Promise<StreamEnd>;
  /** Takes the files away. */
  close(): void;
}

/** Rejects when the roots cannot be read or the files not be written: the reason and the way out in the message. */
export async function createInterceptor(codexHome: string, trust: Trust): Promise<Interceptor> {
  const [roots, authority] = await Promise.all([trust.roots(), createAuthority()]);
  const files = createCaFiles(codexHome, authority.certificate, roots);
  return {
    makeFiles() {
      files.ensure();
      return { bundle: files.bundle, authority: files.authority };
    },
    intercept: (stream) => terminate(authority, stream),
    close: () => files.remove(),
  };
}
