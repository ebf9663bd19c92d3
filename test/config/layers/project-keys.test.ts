import t from 'tap';
import { narrowProject, PROJECT_KEYS } from '../../../server/config/layers/project-keys.js';
import { configShape } from '../../../server/config/shape/config-shape.js';
import { parseToml } from '../../../server/config/toml/parse-toml.js';

void t.test('for every key of config.toml a rule says what a project may do with it, and for no other key', (t) => {
  t.strictSame(Object.keys(PROJECT_KEYS).sort(), Object.keys(configShape().fields).sort());
  for (const section of ['sandbox_workspace_write', 'shell_environment_policy']) {
    const rule = PROJECT_KEYS[section];
    const shape = configShape().fields[section];
    if (typeof rule !== 'object' || !('keys' in rule) || shape?.kind !== 'table') throw new Error(section);
    t.strictSame(Object.keys(rule.keys).sort(), Object.keys(shape.fields).sort(), section);
  }
  const features = PROJECT_KEYS.features;
  const shape = configShape().fields.features;
  if (typeof features !== 'object' || !('keys' in features) || shape?.kind !== 'table') throw new Error('features');
  const proxy = features.keys.network_proxy;
  const union = shape.fields.network_proxy;
  const table = union?.kind === 'union' ? union.forms.find((form) => form.kind === 'table') : undefined;
  if (typeof proxy !== 'object' || !('keys' in proxy) || table?.kind !== 'table') throw new Error('network_proxy');
  t.strictSame(Object.keys(proxy.keys).sort(), Object.keys(table.fields).sort(), 'network_proxy');
  t.end();
});

const OPEN = 'sandbox_mode = "danger-full-access"';
const PROFILE = 'default_permissions = "mine"\n[permissions.mine.filesystem]\n":root" = "read"\n"/secret" = "deny"';
const ROWS: readonly [own: string, below: string, kept: boolean, why?: string][] = [
  ['model = "m"', '', true],
  ['sandbox_mode = "danger-full-access"', '', false],
  ['sandbox_mode = "danger-full-access"', OPEN, false, 'it would lie over a narrower thread'],
  ['sandbox_mode = "workspace-write"', '', false],
  ['sandbox_mode = "workspace-write"', OPEN, true],
  ['sandbox_mode = "read-only"', '', true],
  ['sandbox_mode = "read-only"', OPEN, true],
  ['sandbox_mode = "read-only"', PROFILE, false, 'read-only shows what the profile denies'],
  ['default_permissions = ":danger-full-access"', '', false],
  ['default_permissions = ":workspace"', '', false],
  ['default_permissions = ":read-only"', '', true],
  ['default_permissions = ":read-only"', PROFILE, false],
  ['default_permissions = "other"', PROFILE, false],
  ['[permissions.mine.filesystem]\n"/secret" = "read"', PROFILE, false],
  ['approval_policy = "never"', '', false],
  ['approval_policy = "on-request"', '', true],
  ['approval_policy = "on-request"', 'approval_policy = "never"', false],
  ['approval_policy = "on-request"', `approval_policy = "never"\n${OPEN}`, true],
  ['approval_policy = "on-request"', `approval_policy = "never"\napprovals_reviewer = "auto_review"\n${OPEN}`, false],
  ['approval_policy = "untrusted"', '', false, 'a retired value would end the start'],
  ['approvals_reviewer = "auto_review"', '', false],
  ['approvals_reviewer = "user"', 'approvals_reviewer = "auto_review"', true],
  ['web_search = "live"', 'web_search = "cached"', false],
  ['web_search = "disabled"', 'web_search = "live"', true],
  ['model_instructions_file = "/x"', '', false],
  ['model_catalog_json = "/x"', '', false],
  ['experimental_compact_prompt_file = "/x"', '', false],
  ['project_doc_fallback_filenames = [".env"]', '', false],
  ['project_root_markers = ["x"]', '', false],
  ['project_doc_max_bytes = 10', '', true],
  ['project_doc_max_bytes = 100000', '', false],
  ['[sandbox_workspace_write]\nnetwork_access = true', '', false],
  ['[sandbox_workspace_write]\nnetwork_access = false', '', true],
  ['[sandbox_workspace_write]\nwritable_roots = ["/a"]', '', false],
  [
    '[sandbox_workspace_write]\nwritable_roots = ["/a"]',
    '[sandbox_workspace_write]\nwritable_roots = ["/a", "/b"]',
    true,
  ],
  [
    '[sandbox_workspace_write]\nexclude_slash_tmp = false',
    '[sandbox_workspace_write]\nexclude_slash_tmp = true',
    false,
  ],
  ['[sandbox_workspace_write]\nbogus = true', '', false, 'what has no rule needs a yes'],
  ['[shell_environment_policy.set]\nLD_PRELOAD = "x"', '', false],
  ['[shell_environment_policy]\ninherit = "core"', '', true],
  ['[shell_environment_policy]\ninherit = "all"', '[shell_environment_policy]\ninherit = "none"', false],
  ['[shell_environment_policy]\nexclude = ["A"]', '[shell_environment_policy]\nexclude = ["SECRET"]', false],
  ['[shell_environment_policy]\nexclude = ["A", "SECRET"]', '[shell_environment_policy]\nexclude = ["SECRET"]', true],
  ['[shell_environment_policy]\ninclude_only = []', '[shell_environment_policy]\ninclude_only = ["PATH"]', false],
  ['[shell_environment_policy]\ninclude_only = ["PATH"]', '', true],
  ['[features]\nnetwork_proxy = true', '', true],
  ['[features]\nnetwork_proxy = false', '[features]\nnetwork_proxy = true', false],
  ['[features.network_proxy]\nenabled = false', '[features.network_proxy]\nenabled = true', false],
  ['[features.network_proxy]\nmode = "limited"', '[features]\nnetwork_proxy = true', true],
  ['[features.network_proxy.domains]\n"a.test" = "allow"', '[features]\nnetwork_proxy = true', false],
  ['[features.network_proxy.domains]\n"a.test" = "deny"', '[features]\nnetwork_proxy = true', true],
  ['[features]\nhooks = false', '', false],
  ['[mcp_servers.x]\ncommand = "x"', '', false],
  ['[projects."/"]\ntrust_level = "trusted"', '', false],
  ['nobody_knows = 1', '', true, 'nobody acts on it'],
];

void t.test('a value that is not stricter than the value without the project is ignored', (t) => {
  for (const [own, below, kept, why] of ROWS) {
    const table = parseToml(own);
    const narrowed = narrowProject(table, { base: parseToml(below), required: null });
    t.equal(narrowed.leftOut.length, kept ? 0 : 1, `${own} over ${below}${why === undefined ? '' : `: ${why}`}`);
    t.equal(narrowed.table === table, kept);
  }
  const required = narrowProject(parseToml('sandbox_mode = "read-only"'), { base: parseToml(''), required: 'mine' });
  t.strictSame(required.leftOut, ['sandbox_mode'], 'what an administrator requires may deny more than read-only');
  t.end();
});
