import path from 'node:path';
import t from 'tap';
import { readConfigRequirements } from '../../../server/config/handlers/config-requirements-read.js';
import { checkStartup } from '../../../server/config/settings/startup.js';
import { makeHome } from '../home.js';

interface Shown {
  requirements: Record<string, unknown> & { network: Record<string, unknown> | null };
}

void t.test('one internal form of rules, three external forms', (t) => {
  const h = makeHome(t);
  const network = (body: string): Record<string, unknown> | null => {
    h.systemFile('requirements.toml', `[experimental_network]\n${body}\n`);
    return (readConfigRequirements(h.source) as unknown as Shown).requirements.network;
  };
  const rows: readonly [body: string, view: object, why: string][] = [
    [
      'domains = { "z.com" = "allow", "A.com" = "allow", "b.com" = "deny" }',
      {
        domains: { 'A.com': 'allow', 'b.com': 'deny', 'z.com': 'allow' },
        allowedDomains: ['A.com', 'z.com'],
        deniedDomains: ['b.com'],
      },
      'sorted by code point, case kept',
    ],
    [
      'allowed_domains = ["b", "a", "a", "x"]\ndenied_domains = ["x"]',
      { domains: { a: 'allow', b: 'allow', x: 'deny' }, allowedDomains: ['a', 'b'], deniedDomains: ['x'] },
      'a host in both lists is denied',
    ],
    [
      'allowed_domains = []\nallow_unix_sockets = []',
      { domains: null, allowedDomains: null, unixSockets: null, allowUnixSockets: null },
      'empty lists say nothing',
    ],
    [
      'domains = {}\nunix_sockets = {}',
      { domains: {}, allowedDomains: null, unixSockets: {}, allowUnixSockets: null },
      'empty tables do',
    ],
    [
      'unix_sockets = { "/b" = "deny", "/a" = "allow" }',
      { unixSockets: { '/a': 'allow', '/b': 'deny' }, allowUnixSockets: ['/a'] },
      'a denied socket is not in the legacy view',
    ],
    [
      'allow_unix_sockets = ["/z", "/a"]\ndomains = { "b.com" = "allow" }',
      { unixSockets: { '/a': 'allow', '/z': 'allow' }, allowUnixSockets: ['/a', '/z'], allowedDomains: ['b.com'] },
      'one form for each kind',
    ],
    [
      'review_domains = ["b", "a"]',
      { reviewDomains: ['b', 'a'], domains: null, enabled: null },
      'this list keeps its order',
    ],
  ];
  for (const [body, view, why] of rows) t.match(JSON.parse(JSON.stringify(network(body))), view, why);
  t.end();
});

void t.test('a key that cannot be enforced is refused, and a corrected file applies', (t) => {
  const h = makeHome(t);
  const prefix = `failed to parse requirements layer ${h.system}/requirements.toml: `;
  const rows: readonly [toml: string, message: string][] = [
    [
      '[experimental_network]\nallowed_domains = []\ndomains = {}\n',
      `${prefix}\`domains\` cannot be combined with legacy \`allowed_domains\` or \`denied_domains\` in managed network requirements\nin \`experimental_network\`\n`,
    ],
    [
      '[experimental_network]\nallow_unix_sockets = []\nunix_sockets = {}\n',
      `${prefix}\`unix_sockets\` cannot be combined with legacy \`allow_unix_sockets\` in managed network requirements\nin \`experimental_network\`\n`,
    ],
    [
      '[experimental_network]\nhttp_port = 70000\n',
      `${prefix}invalid value: integer \`70000\`, expected u16\nin \`experimental_network.http_port\`\n`,
    ],
    [
      '[experimental_network]\nunix_sockets = { a = "none" }\n',
      `${prefix}unknown variant \`none\`, expected \`allow\` or \`deny\`\nin \`experimental_network.unix_sockets\`\n`,
    ],
    ['allowed_approval_policies = []\n', 'field `allowed_approval_policies` cannot be empty'],
    ['allowed_approvals_reviewers = []\n', 'field `allowed_approvals_reviewers` cannot be empty'],
    [
      'allowed_sandbox_modes = ["workspace-write"]\n',
      `invalid value for \`allowed_sandbox_modes\`: \`[WorkspaceWrite]\` is not in the allowed set must include 'read-only' to allow any PermissionProfile (set by ${h.system}/requirements.toml)`,
    ],
    ['enforce_residency = "eu"\n', `${prefix}unknown variant \`eu\`, expected \`us\`\nin \`enforce_residency\`\n`],
    ['[features]\na = true\n[feature_requirements]\na = true\n', `${prefix}duplicate field \`features\`\n`],
  ];
  for (const [toml, message] of rows) {
    h.systemFile('requirements.toml', toml);
    t.throws(
      () => readConfigRequirements(h.source),
      { rpcCode: -32603, message: `failed to read configuration layers: ${message}` },
      toml,
    );
    t.equal(checkStartup(h.another()).fatal, message, 'and no daemon starts with it');
  }
  h.systemFile('requirements.toml', null);
  t.throws(() => readConfigRequirements(h.source), { code: 'request.failed' }, 'a file that is gone still holds');
  h.systemFile('requirements.toml', '# nothing is required\n');
  t.equal((readConfigRequirements(h.source) as unknown as Shown).requirements, null);
  t.end();
});

void t.test('contradictions prevent the start', (t) => {
  const h = makeHome(t);
  const rows: readonly [toml: string, fatal: string | RegExp][] = [
    [
      '[allowed_permission_profiles]\n":workspace" = true\n',
      'requirements.toml default_permissions must be set unless allowed_permission_profiles allows both `:workspace` and `:read-only`',
    ],
    [
      'default_permissions = "w"\n[allowed_permission_profiles]\n":workspace" = true\n',
      'requirements.toml default_permissions `w` must be allowed by allowed_permission_profiles',
    ],
    [
      'default_permissions = "w"\n[allowed_permission_profiles]\nw = true\n',
      'requirements.toml allowed_permission_profiles refers to undefined profile `w`',
    ],
    [
      '[experimental_network]\nenabled = true\ndomains = { "*" = "allow" }\n',
      /^failed to build managed network proxy from .*network.allowed_domains: \*/,
    ],
    [
      '[experimental_network]\ndomains = { "*" = "deny" }\n',
      /^failed to build managed network proxy from .*network.denied_domains: \*/,
    ],
  ];
  for (const [toml, fatal] of rows) {
    h.systemFile('requirements.toml', toml);
    const found = checkStartup(h.another()).fatal;
    if (typeof fatal === 'string') t.equal(found, fatal);
    else t.match(found, fatal);
  }
  t.end();
});

void t.test('while the requirements are invalid, the last valid ones apply', (t) => {
  const h = makeHome(t, { config: 'sandbox_mode = "workspace-write"\n' });
  h.systemFile('requirements.toml', 'allowed_sandbox_modes = ["read-only"]\n');
  t.equal(h.source.settings().defaultProfile.id, ':read-only', 'clamped');
  h.systemFile('requirements.toml', 'allowed_sandbox_modes = 5\n');
  t.equal(h.source.settings().defaultProfile.id, ':read-only', 'still clamped');
  const fresh = h.another().settings();
  t.equal(fresh.defaultProfile.id, ':read-only', 'a daemon that never read them runs closed');
  const danger = { ...fresh.defaultProfile, id: null, filesystem: { kind: 'unrestricted' } as const };
  t.throws(() => fresh.assertAllowed(danger), { name: 'ConfigError' }, 'and lets nothing else run');
  t.end();
});

void t.test('clamped values are reported in the words of the reference, without its internals', (t) => {
  const h = makeHome(t, {
    config: 'sandbox_mode = "workspace-write"\napproval_policy = "never"\nweb_search = "live"\n',
  });
  h.systemFile(
    'requirements.toml',
    'allowed_sandbox_modes = ["read-only"]\nallowed_approval_policies = ["on-request", "untrusted"]\nallowed_web_search_modes = ["cached"]\nzz = 1\n[features]\nbogus = true\n',
  );
  const by = `(set by ${h.system}/requirements.toml)`;
  t.same(
    checkStartup(h.source).warnings.map(({ summary }) => summary),
    [
      `Codex is ignoring 1 unrecognized configuration setting. Check for typos or deprecated settings.\n  requirements (${h.system}/requirements.toml): \`zz\` is ignored.`,
      `Ignoring unknown \`features\` requirement \`bogus\` from ${h.system}/requirements.toml`,
      `Configured value for \`approval_policy\` is disallowed by requirements; falling back to required value OnRequest. Details: invalid value for \`approval_policy\`: \`Never\` is not in the allowed set [OnRequest, UnlessTrusted] ${by}`,
      `Configured value for \`permission_profile\` is disallowed by requirements; falling back to required value ReadOnly. Details: invalid value for \`sandbox_mode\`: \`WorkspaceWrite\` is not in the allowed set [ReadOnly] ${by}`,
      `Configured value for \`web_search_mode\` is disallowed by requirements; falling back to required value Cached. Details: invalid value for \`web_search_mode\`: \`Live\` is not in the allowed set [Disabled, Cached] ${by}`,
    ],
  );
  t.end();
});

t.test('[permissions.network] has the rules of [experimental_network]; both must say the same', (t) => {
  const h = makeHome(t);
  const file = path.join(h.system, 'requirements.toml');
  const legacy = '[experimental_network]\nenabled = true\nallowed_domains = ["a.test"]\n';
  const current = '[permissions.network]\nenabled = true\n[permissions.network.domains]\n"a.test" = "allow"\n';
  for (const text of [legacy, current, legacy + current]) {
    h.systemFile('requirements.toml', text);
    t.match(h.source.requirements(), {
      network: { enabled: true, domains: { 'a.test': 'allow' } },
      permissions: { profiles: null },
    });
  }
  const refusals: [string, string][] = [
    [
      legacy.replace('"a.test"', '"a.test", "b.test"') + current,
      'legacy and permissions.network requirements must describe the same network policy',
    ],
    ['[permissions.network]\nextends = ":workspace"\n', '`permissions.network` in requirements.toml is reserved for'],
    [
      '[permissions.network.filesystem]\n":minimal" = "read"\n',
      '`permissions.network` in requirements.toml is reserved',
    ],
    [
      '[permissions.network]\ndomains = {}\nallowed_domains = []\n',
      '`domains` cannot be combined with legacy `allowed_domains` or `denied_domains` in managed network requirements\nin `permissions.network`\n',
    ],
    [
      '[otel]\nheaders_helper = "relative"\n',
      'otel.headers_helper must be an absolute executable path in managed requirements',
    ],
  ];
  for (const [text, message] of refusals) {
    h.systemFile('requirements.toml', text);
    let refusal = '';
    try {
      h.source.requirements();
    } catch (error) {
      refusal = (error as Error).message;
    }
    t.ok(refusal.startsWith(`failed to parse requirements layer ${file}: ${message}`), refusal);
  }
  t.end();
});
