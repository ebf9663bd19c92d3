import { mitmShape } from './mitm-shape.js';
import { bool, hidden, list, map, oneOf, path, refused, str, table, union } from './toml-shape.js';
import type { Fields, Shape } from './toml-shape.js';

/**
 * Permission profiles, the proxy feature and the legacy sandbox section (docs/protocol/config.md §8 and §10). Made
 * once.
 */
export function networkShapes(): NetworkShapes {
  return (shapes ??= make());
}
let shapes: NetworkShapes | undefined;

type NetworkShapes = ReturnType<typeof make>;

function make() {
  /** Keys of `[permissions.NAME.network]` and of `[features.network_proxy]` (docs/protocol/config.md §8 and §10). */
  const verdict = oneOf(['allow', 'deny']);

  const networkFields: Fields = {
    enabled: bool('Whether commands of the profile reach the network at all.'),
    proxy_url: str('Where a proxy of the reference listens. codexd gives each command a listener of its own.'),
    enable_socks5: bool('Offer SOCKS5 beside the HTTP proxy (default true).'),
    // Since 0.171. Shown only where it is set: older clients do not know it.
    transparent_tcp: hidden(
      bool('Whether programs that know no proxy reach allowed hosts, too (Linux; default false).'),
    ),
    socks_url: str('As proxy_url, for SOCKS5.'),
    enable_socks5_udp: bool('Offer UDP through SOCKS5.'),
    allow_upstream_proxy: bool('Send allowed traffic on through the proxy that the daemon itself is told to use.'),
    dangerously_allow_non_loopback_proxy: bool('Accepted for compatibility; codexd never listens beyond loopback.'),
    dangerously_allow_all_unix_sockets: bool('Let commands open any unix socket.'),
    mode: oneOf(['limited', 'full'], '`limited` lets GET, HEAD and OPTIONS through, `full` (default) everything.'),
    domains: map(verdict, 'Hosts by name or pattern, each "allow" or "deny". A deny always wins.'),
    unix_sockets: map(verdict, 'Paths of unix sockets, each "allow" or "deny".'),
    allow_local_binding: bool('Let commands reach loopback and private addresses (default false).'),
  };

  /** `[features.network_proxy]`: a switch, or a table in which unknown keys make the configuration invalid. */
  const networkProxyFeature: Shape = union('FeatureToml', [
    bool(),
    table('NetworkProxyConfigToml', networkFields, { closed: true, sparse: true }),
  ]);

  const access = oneOf(['read', 'write', 'deny', 'none']);
  /** `none` is an older word for `deny`; config/read shows `deny`. */
  const accessShown: Shape = { ...access, shownAs: { none: 'deny' } } as Shape;

  const filesystem = table(
    'FilesystemPermissionsToml',
    { glob_scan_max_depth: { kind: 'integer', type: 'usize', doc: 'How deep a denied glob with ** is expanded.' } },
    {
      doc: 'Which paths commands may read or write: a special (":root", ":workspace_roots", …), an absolute path or "~/…".',
      rest: union('FilesystemPermissionToml', [accessShown, map(accessShown)]),
    },
  );

  const profile = table(
    'PermissionProfileToml',
    {
      description: str('Shown to people who choose among profiles.'),
      extends: str('Another profile, ":read-only" or ":workspace", whose entries hold unless this one has its own.'),
      workspace_roots: table('WorkspaceRootsToml', {}, { doc: 'Further workspace roots.', rest: bool() }),
      filesystem,
      network: table(
        'NetworkToml',
        {
          ...networkFields,
          // The reference ignores these keys without a message. codexd refuses them: a list of denials without effect
          // is a security hole (docs/protocol/config.md §8).
          allowed_domains: legacyList('allowed_domains', 'domains'),
          denied_domains: legacyList('denied_domains', 'domains'),
          allow_unix_sockets: legacyList('allow_unix_sockets', 'unix_sockets'),
          mitm: mitmShape(),
        },
        { doc: 'What commands of the profile may reach.' },
      ),
    },
    { doc: 'A named set of permissions.' },
  );

  const permissions = table(
    'PermissionsToml',
    {},
    { doc: 'Named permission profiles; default_permissions selects one.', rest: profile, opaque: 'rest' },
  );

  const sandboxWorkspaceWrite = table(
    'SandboxWorkspaceWrite',
    {
      writable_roots: list(path(), 'Further folders that commands may write.', []),
      network_access: bool('Whether commands reach the network.', false),
      exclude_tmpdir_env_var: bool('Leave $TMPDIR read-only.', false),
      exclude_slash_tmp: bool('Leave /tmp read-only.', false),
    },
    { doc: 'Settings of sandbox_mode = "workspace-write".' },
  );

  return { networkProxyFeature, permissions, sandboxWorkspaceWrite };
}

function legacyList(legacy: string, canonical: string): Shape {
  return refused(
    `\`${legacy}\` is not supported in \`[permissions.<profile>.network]\`; write the table \`[permissions.<profile>.network.${canonical}]\` with "allow" or "deny" for each entry`,
  );
}
