import fs from 'node:fs';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import t from 'tap';
import { startDaemon } from '../fixtures/daemon.js';

/**
 * The table of docs/security.md ("Network settings, one by one") with real commands: what each combination of switches
 * lets a command see, for a permission profile and for a legacy mode, from the file and from `-c`.
 */
type Seen = 'offline' | 'direct' | 'proxied' | 'proxied, told offline';

const PROBE = (port: number): string[] => [
  'bash',
  '-c',
  `echo "proxy=$CODEX_NETWORK_PROXY_ACTIVE offline=$CODEX_SANDBOX_NETWORK_DISABLED"
   (exec 3<>/dev/tcp/127.0.0.1/${port} && head -1 <&3) 2>/dev/null || echo closed`,
];

/** `direct` only when the listener on the host was really reached; `offline` and `proxied` only when it was not. */
function seen(stdout: string): Seen | string {
  const [, proxy = '', offline = ''] = /proxy=(\S*) offline=(\S*)/.exec(stdout) ?? [];
  const reached = /^HELLO$/m.test(stdout);
  if (reached) return proxy === '' && offline === '' ? 'direct' : stdout;
  if (proxy === '1') return offline === '1' ? 'proxied, told offline' : 'proxied';
  return offline === '1' ? 'offline' : stdout;
}

const FORMS = {
  profile: (on: boolean): string[] => [
    'default_permissions="ws"',
    'permissions.ws.filesystem.":root"="read"',
    `permissions.ws.network.enabled=${on}`,
  ],
  legacy: (on: boolean): string[] => ['sandbox_mode="workspace-write"', `sandbox_workspace_write.network_access=${on}`],
};
const ALWAYS: readonly [network: boolean, feature: string | null, managed: string | null, seen: Seen][] = [
  [false, null, null, 'offline'],
  [false, 'true', null, 'offline'],
  [true, null, null, 'direct'],
  [true, 'true', null, 'proxied'],
  [true, '{enabled=true,enable_socks5=false}', null, 'proxied'],
  [true, '{enable_socks5=false}', null, 'direct'],
  [true, null, 'enabled = true', 'proxied'],
  [true, 'false', 'enabled = true', 'proxied'],
  [false, null, 'enabled = true', 'proxied, told offline'],
  [true, 'true', 'enabled = false', 'proxied'],
  [true, null, 'enabled = false', 'direct'],
];
/** What a request asks for itself, while the feature is on and nothing is configured. */
const ASKED: readonly [policy: object, managed: boolean, seen: Seen][] = [
  [{ type: 'readOnly', networkAccess: false }, false, 'offline'],
  [{ type: 'readOnly', networkAccess: true }, false, 'proxied'],
  [{ type: 'workspaceWrite', networkAccess: true }, false, 'proxied'],
  [{ type: 'dangerFullAccess' }, false, 'proxied'],
  [{ type: 'readOnly', networkAccess: false }, true, 'offline'],
  [{ type: 'workspaceWrite', networkAccess: false }, true, 'offline'],
];

t.setTimeout(300_000);

void t.test('every row of the table applies to real commands', async (t) => {
  const listener = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.end('HELLO\n');
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  t.teardown(() => listener.close());
  const command = PROBE((listener.address() as AddressInfo).port);
  const system = fs.mkdtempSync(path.join(os.tmpdir(), 'codexd-system-'));
  t.teardown(() => fs.rmSync(system, { recursive: true, force: true }));
  const env = { CODEXD_SYSTEM_CONFIG_DIR: system };

  const requirements = path.join(system, 'requirements.toml');
  function manage(managed: string | null): void {
    if (managed === null) fs.rmSync(requirements, { force: true });
    else fs.writeFileSync(requirements, `[experimental_network]\n${managed}\n`);
  }

  // One daemon for all files: they are read again for every command.
  const daemon = await startDaemon({ env });
  const client = await daemon.connect();
  t.teardown(() => daemon.stop());
  let written = 0;
  async function run(config: readonly string[], managed: string | null, params: object = {}): Promise<string> {
    // A text that only lacks the end of the last one is not believed for two seconds
    // (server/system/files/settled-file.ts).
    fs.writeFileSync(path.join(daemon.home, 'config.toml'), `# ${++written}\n${config.join('\n')}\n`);
    manage(managed);
    return seen((await client.request('command/exec', { command, ...params })).stdout);
  }

  async function runWithFlags(config: readonly string[]): Promise<string> {
    manage(null);
    const flagged = await startDaemon({ args: config.flatMap((setting) => ['-c', setting]), env });
    try {
      return seen((await (await flagged.connect()).request('command/exec', { command })).stdout);
    } finally {
      await flagged.stop();
    }
  }

  for (const [form, keys] of Object.entries(FORMS)) {
    for (const [network, feature, managed, expected] of ALWAYS) {
      const settings = [...keys(network), ...(feature === null ? [] : [`features.network_proxy=${feature}`])];
      const name = `${form}, network ${network}, feature ${feature}, requirements ${managed}`;
      t.equal(await run(settings, managed), expected, `${name}: config.toml`);
      if (managed === null) t.equal(await runWithFlags(settings), expected, `${name}: -c`);
    }
  }
  for (const [sandboxPolicy, managed, expected] of ASKED) {
    const found = managed
      ? await run([], 'enabled = true', { sandboxPolicy })
      : await run(['features.network_proxy=true'], null, { sandboxPolicy });
    t.equal(found, expected, `${JSON.stringify(sandboxPolicy)}, managed ${managed}`);
  }
});
