/**
 * Files of the kinds that people and their tools keep, each with settings seen in many public repositories: what is
 * here must be read. `ignored`: the keys that are named in a warning and do nothing else.
 */
export interface KindOfFile {
  readonly name: string;
  readonly text: string;
  readonly ignored: readonly string[];
  /** What must still count. */
  readonly model?: string;
}

export const KINDS_OF_FILES: readonly KindOfFile[] = [
  {
    name: 'a person with trusted projects and migration notes',
    text: `model = "gpt-one"
sandbox_mode = "workspace-write"
web_search = "cached"
model_reasoning_effort = "high"
plan_mode_reasoning_effort = "xhigh"
personality = "pragmatic"
service_tier = "fast"

[sandbox_workspace_write]
network_access = true

[projects."/home/someone"]
trust_level = "trusted"

[notice.model_migrations]
"gpt-zero" = "gpt-one"

[notice]
hide_full_access_warning = true
hide_rate_limit_model_nudge = true

[features]
use_linux_sandbox_bwrap = true
multi_agent = true
prevent_idle_sleep = true
`,
    ignored: [],
    model: 'gpt-one',
  },
  {
    name: 'a kit of agents with limits that this version does not know',
    text: `#:schema https://example.test/config-schema.json
persistent_instructions = "Follow AGENTS.md."
model = "gpt-kit"

[features]
multi_agent = true

[agents]
max_threads = 6
max_depth = 1

[agents.explorer]
description = "Looks for evidence, changes nothing."
config_file = "agents/explorer.toml"

[agents.reviewer]
description = "Looks for what is wrong."
config_file = "C:/Users/someone/agents/reviewer.toml"
`,
    ignored: ['agents.max_threads', 'persistent_instructions'],
    model: 'gpt-kit',
  },
  {
    name: 'MCP servers of both transports',
    text: `model = "gpt-mcp"
[mcp_servers.browser]
command = "npx"
args = ["-y", "@example/browser-mcp@latest", "--headless"]
startup_timeout_sec = 120
tool_timeout_sec = 60.5
enabled = true
required = false
default_tools_approval_mode = "writes"
env = { DISPLAY = ":1", DEBUG = "1" }

[mcp_servers.browser.tools.navigate]
approval_mode = "approve"

[mcp_servers.issues]
url = "https://mcp.example.test/sse"
bearer_token_env_var = "ISSUES_TOKEN"
http_headers = { "X-Region" = "eu" }
env_http_headers = { "X-Trace" = "TRACE" }
startup_timeout_ms = 20000
type = "http"
transport = "streamable_http"
disabled = false
`,
    ignored: ['mcp_servers.issues.disabled', 'mcp_servers.issues.transport', 'mcp_servers.issues.type'],
    model: 'gpt-mcp',
  },
  {
    name: 'a gateway, with settings of older versions at the top',
    text: `disable_response_storage = true
preferred_auth_method = "apikey"
model_provider = "gateway"
model = "coder"
model_supports_reasoning_summaries = true
model_reasoning_summary_format = "experimental"
network_access = "enabled"
windows_wsl_setup_acknowledged = true
experimental_use_rmcp_client = true
exec_timeout_ms = 300000

[model_providers.gateway]
name = "gateway"
base_url = "http://127.0.0.1:9/v1"
wire_api = "responses"
requires_openai_auth = true
experimental_bearer_token = "sk-not-a-token"
request_max_retries = 10
temp_env_key = "GATEWAY"
`,
    ignored: [
      'disable_response_storage',
      'exec_timeout_ms',
      'experimental_use_rmcp_client',
      'model_providers.gateway.temp_env_key',
      'model_reasoning_summary_format',
      'model_supports_reasoning_summaries',
      'network_access',
      'preferred_auth_method',
      'windows_wsl_setup_acknowledged',
    ],
    model: 'coder',
  },
  {
    name: 'a terminal with everything set',
    text: `model = "gpt-tui"
file_opener = "cursor"
hide_agent_reasoning = true
check_for_update_on_startup = false
notify = ["python3", "/home/someone/.codex/notify.py"]

[tui]
notifications = ["agent-turn-complete", "approval-requested"]
notification_method = "osc9"
theme = "catppuccin-mocha"
animations = false
status_line = ["model-with-reasoning", "current-dir", "context-remaining"]
alternate_screen = "never"
show_tooltips = false
scroll_mode = "auto"
scroll_invert = false

[tui.keymap]
preset = "vim"
[tui.keymap.global]
open_external_editor = "ctrl-g"
close = ["ctrl-w", "esc"]
[tui.keymap.context_of_tomorrow]
jump = { key = "j", count = 2 }

[tui.model_availability_nux]
"gpt-tui" = 4

[history]
persistence = "save-all"
max_bytes = 104857600
`,
    ignored: ['tui.keymap.preset', 'tui.scroll_invert', 'tui.scroll_mode'],
    model: 'gpt-tui',
  },
  {
    name: 'plugins, marketplaces, apps and skills',
    text: `model = "gpt-plug"
[plugins]
auto_update = true
sources = ["one", "two"]
[plugins."tool@market"]
enabled = true
[plugins."tool@market".mcp_servers.docs]
enabled = false
[marketplaces.market]
last_updated = "2026-01-02T03:04:05Z"
source_type = "git"
source = "https://example.test/market.git"
auto = true
[apps._default]
enabled = true
destructive_enabled = false
[apps.drive]
enabled = false
[skills]
include_instructions = true
[[skills.config]]
path = "/home/someone/.agents/skills/deploy"
enabled = false
`,
    ignored: ['marketplaces.market.auto', 'plugins.auto_update', 'plugins.sources'],
    model: 'gpt-plug',
  },
  {
    name: 'a profile of permissions with the network proxy',
    text: `model = "gpt-perm"
default_permissions = "dev"
approval_policy = "on-request"

[permissions.dev]
description = "Everything that builds need"
extends = ":workspace"
[permissions.dev.filesystem]
"~/.cache" = "write"
"~/.ssh" = "deny"
[permissions.dev.filesystem.":workspace_roots"]
"." = "write"
".env" = "deny"
[permissions.dev.network]
enabled = true
[permissions.dev.network.domains]
"*.npmjs.org" = "allow"
"github.com" = "allow"

[features]
network_proxy = true
codex_hooks = true
collab = true
feature_of_tomorrow = { enabled = true, level = 3 }
rmcp_client = "on"
`,
    ignored: ['features.feature_of_tomorrow', 'features.rmcp_client'],
    model: 'gpt-perm',
  },
  {
    name: 'profiles, telemetry and memories',
    text: `model = "gpt-otel"
model_context_window = 9223372036854775807
model_auto_compact_token_limit = 900000
[profiles.fast]
model = "gpt-mini"
model_reasoning_effort = "low"
approval_policy = "never"
sandbox_mode = "read-only"
cwd = "/srv"
[profiles]
default = "fast"
[otel]
environment = "prod"
exporter = { otlp-http = { endpoint = "https://otel.example.test/v1/logs", protocol = "binary", headers = { "x-api-key" = "k" } } }
log_user_prompt = false
[memories]
generate_memories = true
[shell_environment_policy]
inherit = "core"
set = { CI = "1" }
experimental_use_profile = true
[tools]
view_image = true
web_search = true
[analytics]
enabled = false
[feedback]
enabled = false
`,
    ignored: ['profiles.default', 'profiles.fast.cwd', 'tools.view_image'],
    model: 'gpt-otel',
  },
  {
    name: 'hooks, as groups of handlers',
    text: `model = "gpt-hooks"
[[hooks.PreToolUse]]
matcher = "Bash"
[[hooks.PreToolUse.hooks]]
type = "command"
command = "python3 /home/someone/check.py"
timeout = 10
statusMessage = "Checking"
[[hooks.Stop]]
[[hooks.Stop.hooks]]
type = "command"
command = "true"
shell = "bash"
[hooks]
version = 2
[[hooks.EventOfTomorrow]]
matcher = "*"
[hooks.state."/home/someone/.codex/hooks.json:stop:0:0"]
enabled = true
trusted_hash = "sha256:00"
`,
    ignored: ['hooks.EventOfTomorrow', 'hooks.Stop.hooks.shell', 'hooks.version'],
    model: 'gpt-hooks',
  },
  {
    name: 'a byte order mark, CRLF, quoted and dotted keys, names of every script',
    text: [
      '\u{feff}# Настройки',
      'model = "gpt-dots"',
      '"approval_policy" = "on-request"',
      "'sandbox_mode' = 'workspace-write'",
      'sandbox_workspace_write.network_access = false',
      'desktop."фича"."значение" = 1',
      "[projects.'D:\\桌面\\项目']",
      'trust_level = "trusted"',
      '[projects."/home/josé/проект 🦀"]',
      'trust_level = "untrusted"',
      '[mcp_servers."a.b"]',
      'command = """npx"""',
      '"ключ.с.точкой" = 1',
      '',
    ].join('\r\n'),
    ignored: ['mcp_servers.a.b.ключ.с.точкой'],
    model: 'gpt-dots',
  },
];
