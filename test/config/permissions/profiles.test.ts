import t from 'tap';
import { ConfigError } from '../../../server/errors/config-error.js';
import { paths } from '../../../server/system/files/paths.js';
import { local, withDrives } from '../../fixtures/local-paths.js';
import { fromSandboxPolicy, toSandboxPolicy } from '../../../server/config/permissions/legacy-sandbox-policy.js';
import { resolveProfile } from '../../../server/config/permissions/profiles.js';
import { parseToml } from '../../../server/config/toml/parse-toml.js';
import type { SandboxPolicy } from '../../../server/config/permissions/legacy-sandbox-policy.js';
import type { ResolvedProfile } from '../../../server/config/permissions/profiles.js';
import type { TomlTable } from '../../../server/config/toml/value.js';

const WHERE = { workspaceRoot: local('/w'), tmpdir: local('/var/t') };

/** The profile `p` of a `[permissions]` table that is written without its prefix. */
function profile(toml: string, name = 'p'): ResolvedProfile {
  const { permissions } = parseToml(withDrives(toml).replace(/^\[/gm, '[permissions.'));
  return resolveProfile(name, permissions as TomlTable | undefined, local('/home/u'));
}
const filesystem = (body: string): string => `[p.filesystem]\n${body}\n`;
const legacy = (toml: string): SandboxPolicy => toSandboxPolicy(profile(toml).profile, WHERE);

void t.test('an invalid profile is refused with the reason', (t) => {
  const sub = (path: string): string =>
    `filesystem subpath \`${path}\` must be a descendant path without \`.\` or \`..\` components`;
  const rows: readonly [toml: string, message: string][] = [
    ['[q]\n', 'default_permissions refers to undefined profile `p`'],
    ['[":mine"]\n[p]\n', 'permissions profile `:mine` uses a reserved built-in profile prefix'],
    ['[p]\nextends = "zzz"\n', 'permissions profile `p` extends undefined profile `zzz`'],
    [
      '[p]\nextends = ":danger-full-access"\n',
      'permissions profile `p` cannot extend unsupported built-in profile `:danger-full-access`',
    ],
    ['[p]\nextends = "b"\n[b]\nextends = "p"\n', 'permissions profile inheritance cycle detected: p -> b -> p'],
    ['[p]\nextends = "p"\n', 'permissions profile inheritance cycle detected: p -> p'],
    [filesystem('"rel/x" = "write"'), 'filesystem path `rel/x` must be absolute, use `~/...`, or start with `:`'],
    [filesystem('"~x" = "write"'), 'filesystem path `~x` must be absolute, use `~/...`, or start with `:`'],
    [filesystem('"" = "read"'), 'filesystem path `` must be absolute, use `~/...`, or start with `:`'],
    [filesystem('":root" = { a = "read" }'), 'filesystem path `:root` does not support nested entries'],
    [filesystem('":tmpdir" = { a = "read" }'), 'filesystem path `:tmpdir` does not support nested entries'],
    [filesystem('":workspace_roots" = { "../x" = "write" }'), sub('../x')],
    [filesystem('":workspace_roots" = { "a/../b" = "write" }'), sub('a/../b')],
    [filesystem('":workspace_roots" = { "./a" = "write" }'), sub('./a')],
    [filesystem('":workspace_roots" = { "/abs" = "write" }'), sub('/abs')],
    [filesystem('":workspace_roots" = { "" = "write" }'), sub('')],
    [filesystem('":workspace_roots" = { "../**" = "write" }'), sub('../**')],
    [filesystem('":workspace_roots" = { "../*.env" = "deny" }'), sub('../*.env')],
    [filesystem('"/w" = { "../a" = "write" }'), sub('../a')],
    [
      filesystem('"/a/*.x" = "write"'),
      'filesystem glob path `/a/*.x` only supports `deny` access; use an exact path or trailing `/**` for `write` subtree access',
    ],
    [filesystem('glob_scan_max_depth = 0'), 'glob_scan_max_depth must be at least 1'],
    [
      '[p.network.domains]\n"*" = "deny"\n',
      'network proxy constraints are invalid: invalid value for network.denied_domains: * (allowed exact hosts or scoped wildcards like *.example.com or **.example.com)',
    ],
  ];
  for (const [toml, message] of rows)
    t.throws(() => profile(toml), { name: 'ConfigError', message: withDrives(message) }, JSON.stringify(toml));
  t.throws(() => resolveProfile(':nope', undefined, '/'), {
    message: 'default_permissions refers to unknown built-in profile `:nope`',
  });
  t.throws(() => resolveProfile('nope', undefined, '/'), {
    message: 'default_permissions requires a `[permissions]` table',
  });
  t.end();
});

void t.test('paths are absolute, normalised and lead to the same file', (t) => {
  const rows: readonly [entry: string, target: object, access: string, why: string][] = [
    ['"/a/../b/" = "write"', { kind: 'path', path: local('/b') }, 'write', 'normalised'],
    ['"/a//b/./c" = "read"', { kind: 'path', path: local('/a/b/c') }, 'read', 'normalised'],
    ['"~" = "read"', { kind: 'path', path: local('/home/u') }, 'read', 'the home'],
    ['"~/x" = "none"', { kind: 'path', path: local('/home/u/x') }, 'deny', 'none is deny'],
    ['"/a/**" = "write"', { kind: 'path', path: local('/a') }, 'write', 'a tree is its root'],
    ['":root" = { "." = "read" }', { kind: 'root' }, 'read', 'a lone dot is the path itself'],
    ['":project_roots" = "write"', { kind: 'workspaceRoots', subpath: '' }, 'write', 'the older name'],
    [
      '":workspace_roots" = { "a//b/" = "write" }',
      { kind: 'workspaceRoots', subpath: 'a/b' },
      'write',
      'doubled slashes',
    ],
    [
      '":workspace_roots" = { "docs/**" = "read" }',
      { kind: 'workspaceRoots', subpath: 'docs' },
      'read',
      'a nested tree',
    ],
    [
      '":workspace_roots" = { "**/*.pem" = "deny" }',
      { kind: 'glob', base: null, pattern: '**/*.pem' },
      'deny',
      'below every root',
    ],
    [
      '"/etc/x/*.key" = "deny"',
      { kind: 'glob', base: local('/etc/x'), pattern: '*.key' },
      'deny',
      'fixed folders are the base',
    ],
    ['"/w" = { "*.x" = "deny" }', { kind: 'glob', base: local('/w'), pattern: '*.x' }, 'deny', 'below a path'],
    ['":slash_tmp" = "write"', { kind: 'slashTmp' }, 'write', '/tmp'],
    ['":minimal" = "read"', { kind: 'minimal' }, 'read', 'system paths'],
  ];
  for (const [entry, target, access, why] of rows) {
    const { filesystem: permissions } = profile(filesystem(entry)).profile;
    t.same(permissions.kind === 'restricted' && permissions.entries, [{ target, access }], why);
  }
  t.end();
});

void t.test('a child overrides its parent path by path, and sets the network itself', (t) => {
  const chain =
    '[p]\nextends = "b"\n[p.filesystem]\n"/opt/b" = "read"\n[b]\nextends = ":workspace"\n[b.filesystem]\n"/opt/a" = "write"\n"/opt/b" = "write"\n[b.network]\nenabled = true\n[b.network.domains]\n"a.test" = "allow"\n';
  const { profile: child, network } = profile(chain);
  t.same([child.id, child.extends, child.networkEnabled], ['p', 'b', true]);
  t.equal((network.domains as TomlTable)['a.test'], 'allow');
  t.match(toSandboxPolicy(child, WHERE), {
    type: 'workspaceWrite',
    writableRoots: [local('/opt/a')],
    networkAccess: true,
  });
  t.equal(profile(`${chain}[p.network]\nenabled = false\n`).profile.networkEnabled, false, 'off in the child is off');
  t.end();
});

void t.test('unknown entries are ignored with a warning, which only removes permissions', (t) => {
  const { profile: empty, warnings } = profile(filesystem('":bogus" = "write"\n":other" = { x = "write" }'));
  t.same(empty.filesystem.kind === 'restricted' && empty.filesystem.entries, []);
  t.match(warnings, [
    /`:bogus` is not recognized/,
    /`:other` with nested entry `x` is not/,
    /does not define any recognized/,
  ]);
  t.match(profile(filesystem('":workspace_roots" = { "**/*.env" = "deny" }')).warnings, [/unbounded `\*\*`/]);
  t.same(profile(filesystem('glob_scan_max_depth = 3\n":workspace_roots" = { "**/*.env" = "deny" }')).warnings, []);
  t.end();
});

void t.test('further workspace roots get every entry of the workspace', (t) => {
  const { filesystem: permissions } = profile(
    '[p.workspace_roots]\n"/x" = true\n"/y" = false\n[p.filesystem.":workspace_roots"]\n"." = "write"\n"*.pem" = "deny"\n',
  ).profile;
  t.match(permissions, {
    entries: [
      {},
      {},
      { target: { kind: 'path', path: local('/x') }, access: 'write' },
      { target: { kind: 'glob', base: local('/x'), pattern: '*.pem' }, access: 'deny' },
    ],
  });
  t.end();
});

void t.test('the legacy form has the effect of the profile', (t) => {
  const write = (over: Partial<SandboxPolicy>): object => ({
    type: 'workspaceWrite',
    writableRoots: [],
    networkAccess: false,
    excludeTmpdirEnvVar: true,
    excludeSlashTmp: true,
    ...over,
  });
  const rows: readonly [entries: string, policy: object, why: string][] = [
    ['":root" = "read"', { type: 'readOnly', networkAccess: false }, 'reads only'],
    ['":root" = "read"\n":workspace_roots" = "write"', write({}), 'the workspace'],
    [
      '":root" = "read"\n":workspace_roots" = { a = "write" }',
      write({ writableRoots: [local('/w/a')] }),
      'a part of it',
    ],
    ['":root" = "read"\n"/w" = "write"', write({}), 'the workspace by its path'],
    [
      '":root" = "read"\n":tmpdir" = "write"',
      write({ writableRoots: [local('/var/t')], excludeTmpdirEnvVar: false }),
      '$TMPDIR',
    ],
    [
      '":root" = "read"\n"/tmp" = "write"',
      write({ writableRoots: [local('/tmp')], excludeSlashTmp: paths.windows }),
      '/tmp by its path',
    ],
    ['":root" = "write"', { type: 'externalSandbox', networkAccess: 'restricted' }, 'everything, offline'],
    [
      '":root" = "write"\n"/x" = "deny"',
      write({ writableRoots: [local('/')], excludeTmpdirEnvVar: false, excludeSlashTmp: false }),
      'everything but',
    ],
    [
      // On Windows it is one drive of several.
      '"/" = "write"',
      write({ writableRoots: [local('/')], excludeTmpdirEnvVar: paths.windows, excludeSlashTmp: paths.windows }),
      'everything by its path',
    ],
  ];
  for (const [entries, policy, why] of rows) t.same(legacy(filesystem(entries)), policy, why);
  t.same(
    legacy(`${filesystem('":root" = "write"')}[p.network]\nenabled = true\n`),
    { type: 'dangerFullAccess' },
    'everything, with network',
  );
  t.end();
});

void t.test('a legacy policy and its profile have the same effect', (t) => {
  const policies: readonly SandboxPolicy[] = [
    { type: 'readOnly', networkAccess: false },
    { type: 'readOnly', networkAccess: true },
    { type: 'dangerFullAccess' },
    { type: 'externalSandbox', networkAccess: 'enabled' },
    { type: 'externalSandbox', networkAccess: 'restricted' },
    {
      type: 'workspaceWrite',
      writableRoots: [local('/x')],
      networkAccess: true,
      excludeTmpdirEnvVar: false,
      excludeSlashTmp: true,
    },
  ];
  for (const policy of policies)
    t.same(toSandboxPolicy(fromSandboxPolicy(policy), WHERE), policy, JSON.stringify(policy));
  t.end();
});

void t.test('a mistake in a hook has the key of the profile that has the hook', (t) => {
  const keyOf = (hook: string): string => {
    const toml = `[q.network.mitm.hooks.a]\n${hook}[q.network.mitm.actions.x]\nstrip_request_headers = ["a"]\n[p]\nextends = "q"\n`;
    try {
      profile(toml);
    } catch (error) {
      return error instanceof ConfigError ? `${error.key?.join('.')}` : String(error);
    }
    return 'no mistake';
  };
  const hook = 'host = "a.test"\nmethods = ["GET"]\naction = ["x"]\n';
  const at = 'permissions.q.network.mitm.hooks.a';
  t.equal(keyOf(`${hook}path_prefixes = ["literal:/"]\n`), 'no mistake');
  t.equal(keyOf(hook), `${at}.path_prefixes`);
  t.equal(keyOf(`${hook}path_prefixes = ["pattern:["]\n`), `${at}.path_prefixes`);
  t.equal(keyOf(`${hook}path_prefixes = ["literal:/"]\nports = [1]\n`), at);
  t.end();
});
