/**
 * The test's own network: imported first, it runs the test file again inside user, mount and network namespaces in
 * which the attacks of the security bar can really succeed.
 *
 * Inside, loopback answers for addresses of every class (public, private, link-local, metadata …). A proxy that dials
 * one of them reaches the server of support/internet.ts, which records it. Names come from support/dns.ts, and one
 * public address belongs to this machine's own interface. Nothing leaves the machine, and no privileges are needed.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { runToEnd } from '../../fixtures/programs.js';

/**
 * The addresses of the allowed names. Public by number; here they belong to this machine by a route and not by an
 * interface.
 */
export const PUBLIC = '93.184.216.34';
export const PUBLIC_TOO = '93.184.216.35';
export const PUBLIC_V6 = '2606:2800:220::34';
/** The addresses of the names that nobody allowed. */
export const HOSTILE = '93.184.216.66';
/** A public address of this machine's own interface. */
export const OWN = '93.184.217.1';
/** The address of support/dns.ts. */
export const NAME_SERVER = '127.0.0.53';

/** Blocks for which loopback answers; 127/8 and ::1 are always there. */
const ROUTES = [
  '93.184.216.0/24',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  '168.63.129.16/32',
  '192.0.0.0/24',
  '198.18.0.0/15',
];
const ROUTES_V6 = [
  '2606:2800:220::/48',
  'fc00::/7',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '2002::/16',
  'fec0::/10',
  '2001:db8::/32',
];

const MARK = 'CODEXD_TEST_WORLD';

if (process.env[MARK] === undefined) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'codexd-world-'));
  fs.writeFileSync(path.join(folder, 'hosts'), '127.0.0.1 localhost\n::1 localhost\n');
  fs.writeFileSync(path.join(folder, 'resolv.conf'), `nameserver ${NAME_SERVER}\noptions timeout:1 attempts:1\n`);
  const setUp = [
    'set -e',
    'ip link set lo up',
    ...ROUTES.map((block) => `ip route add local ${block} dev lo`),
    ...ROUTES_V6.map((block) => `ip -6 route add local ${block} dev lo`),
    `ip addr add ${OWN}/32 dev lo`,
    ...['hosts', 'resolv.conf'].map((name) => `mount --bind ${folder}/${name} "$(readlink -f /etc/${name})"`),
    'exec "$@"',
  ].join('\n');
  const again = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const { exitCode, failed, shortMessage } = runToEnd(
    'unshare',
    ['--user', '--map-root-user', '--mount', '--net', '--', 'sh', '-c', setUp, 'sh', ...again],
    { stdio: 'inherit', env: { [MARK]: '1' } },
  );
  fs.rmSync(folder, { recursive: true, force: true });
  if (failed && exitCode === undefined)
    process.stderr.write(`the test’s own network cannot be made: ${shortMessage}\n`);
  process.exit(exitCode ?? 1);
}
