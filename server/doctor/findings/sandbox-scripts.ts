/** The programs of the sandbox check. Each reports what it could do; the check knows what it must not have done. */
import type { NetworkPolicy } from '../../config/permissions/network-policy.js';
import { READ_ONLY, type PermissionProfile } from '../../config/permissions/permission-profile.js';

/** Like `:workspace`, without the temporary folders, because the folder that must stay closed is one. */
export const WORKSPACE_ONLY: PermissionProfile = {
  ...READ_ONLY,
  id: null,
  filesystem: {
    kind: 'restricted',
    entries: [
      { target: { kind: 'root' }, access: 'read' },
      { target: { kind: 'workspaceRoots', subpath: '' }, access: 'write' },
    ],
    globScanMaxDepth: null,
  },
};

/** `sh -c SCRIPT sh FOLDER`: tries to write where it must not, then reports that it reached its end. */
export const TRY_TO_WRITE = '(echo x > "$1/read-only") 2>/dev/null; echo reached the end';

/** `sh -c SCRIPT sh INSIDE OUTSIDE` */
export const WRITE_INSIDE =
  'echo x > "$1/written" || exit 7; (echo x > "$2/workspace") 2>/dev/null; echo reached the end';

export const ON_A_TERMINAL = 'test -t 0 && test -t 1 && test -t 2 && : < /dev/tty && echo reached the end';

export const REACHED = 'reached the end';

/** The output of the lane script: one line of JSON. */
export interface LaneAnswer {
  /** The answer of the check's server through the proxy. */
  readonly allowed: string;
  /** The proxy's answer for a host that the policy does not allow. */
  readonly denied: string;
  /** The answer without the proxy. */
  readonly direct: string;
  readonly interfaces: readonly string[];
}

/** `node -e SCRIPT PORT DENIED_HOST`. It needs only Node, which is always present. */
export const ASK_THROUGH_LANE = `
const net = require('node:net'), fs = require('node:fs');
const [port, denied] = process.argv.slice(1);
const proxy = new URL(process.env.HTTP_PROXY);
const ask = (to, at, line, host) => new Promise((resolve) => {
  let text = '';
  const socket = net.connect({ port: Number(to), host: at }, () =>
    socket.write(line + ' HTTP/1.1\\r\\nHost: ' + host + '\\r\\nConnection: close\\r\\n\\r\\n'));
  socket.setTimeout(5000, () => socket.destroy(new Error('no answer')));
  socket.on('data', (piece) => (text += piece));
  socket.on('error', (error) => resolve('error ' + (error.code || error.message)));
  socket.on('close', () => resolve(text));
});
(async () => {
  const here = '127.0.0.1:' + port;
  console.log(JSON.stringify({
    allowed: await ask(proxy.port, proxy.hostname, 'GET http://' + here + '/', here),
    denied: await ask(proxy.port, proxy.hostname, 'GET http://' + denied + '/', denied),
    direct: await ask(port, '127.0.0.1', 'GET /', here),
    interfaces: fs.readFileSync('/proc/net/dev', 'utf8').split('\\n').slice(2)
      .map((line) => line.split(':')[0].trim()).filter(Boolean),
  }));
})();
`;

/** A policy that allows this machine's loopback address only. */
export const LOOPBACK_ONLY: NetworkPolicy = {
  mode: 'full',
  domains: [{ pattern: '127.0.0.1', verdict: 'allow', source: 'profile' }],
  reviewDomains: [],
  unixSockets: [],
  allowLocalBinding: true,
  allowUpstreamProxy: false,
  enableSocks5: true,
  withoutEffect: [],
  transparentTcp: false,
  dangerouslyAllowAllUnixSockets: false,
  hooks: [],
  managed: false,
  managedAllowedDomainsOnly: false,
  revision: 'doctor',
};

/** This name never exists (RFC 2606). The policy decides before any name server is queried. */
export const DENIED_HOST = 'denied.codexd.invalid';

export const NETWORK_ONLY: PermissionProfile = { ...READ_ONLY, id: null, networkEnabled: true };
