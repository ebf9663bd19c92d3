import { features, isKnownFeatureKey } from './features.js';
import { any, bool, int, list, map, oneOf, path, secret, str, table, tagged, union } from './toml-shape.js';
import { networkShapes } from './network-shape.js';
import { hookShapes } from './hook-shape.js';
import { serviceShapes } from './service-shape.js';
import { terminalShapes } from './terminal-shape.js';
import type { Fields, Shape, TableShape } from './toml-shape.js';

/** All keys of config.toml. Made at the first use, so that a start without configuration does not need it. */
export function configShape(): TableShape {
  shape ??= table('ConfigToml', { ...topLevel(), codexd: codexdSection() });
  return shape;
}
let shape: TableShape | undefined;

/** The section of codexd (docs/configuration.md). config/read omits it: it is not part of the protocol. */
function codexdSection(): TableShape {
  return table(
    'Codexd',
    {
      command_exec: table(
        'CodexdCommandExec',
        {
          on_network_denial: oneOf(
            ['cancel', 'refuse'],
            '`cancel` (default): a command whose request is denied by the network policy is ended. `refuse`: only the request is refused.',
          ),
        },
        { doc: 'command/exec.' },
      ),
      approvals: table(
        'CodexdApprovals',
        {
          when_absent: oneOf(
            ['wait', 'deny'],
            'What an approval comes to that no client is there to answer: it waits for one (`wait`, default), or it is denied.',
          ),
          timeout_seconds: int(
            'u32',
            'An approval that nobody answers is denied after so many seconds; 0 (default): never.',
          ),
        },
        { doc: 'Approvals that nobody answers.' },
      ),
      login: table(
        'CodexdLogin',
        {
          issuer: str('Where people sign in with an account: an https address, or an http address of this machine.'),
          client_id: str('The id of this program at that issuer.'),
        },
        { doc: 'Logins with an account.' },
      ),
      operators: oneOf(
        ['none', 'see', 'answer'],
        'What clients that declare the capability `codexd/operator` may do with the commands and questions of others: nothing, look (default), or also answer, write and end.',
      ),
      network_prompts: oneOf(
        ['always', 'managed', 'never'],
        'When a network request that no rule allows is asked about, where somebody can be asked: `always` (default), only under managed requirements, or `never`.',
      ),
      rules_without_sandbox: list(
        list(str()),
        'Beginnings of commands that leave the sandbox when a rule allows them, although they obey files of the folder they run in, such as `[["git", "push"]]`.',
      ),
      chat: map(
        table('CodexdChat', {
          stream_options: bool('Ask for the usage at the end of a stream (default true).'),
          null_content: bool(
            'A message that only calls tools has `null` as its content (default true); false: the empty text.',
          ),
          call_ids: oneOf(
            ['as-given', 'short'],
            'Ids of tool calls: as the server gave them (default), or nine letters and digits.',
          ),
          send_reasoning: oneOf(
            ['with-calls', 'always', 'never'],
            'Which messages of the assistant carry their reasoning back to the server that sent it: those with tool calls (default), all, or none.',
          ),
          think_tags: bool(
            'An answer that begins with `<think>` is reasoning up to `</think>` (default true); false: it is text.',
          ),
        }),
        'Where servers of Chat Completions disagree, by the id of the model provider.',
      ),
      shutdown_timeout_seconds: int(
        'u32',
        'How long turns that run may go on after SIGTERM before a daemon that listens ends all the same (default 300; 0: not at all).',
      ),
      network_audit: table(
        'CodexdNetworkAudit',
        {
          enabled: bool('Write every decision of the network policy to a file of JSON lines (default false).'),
          path: str(
            'The file: absolute, "~/…", or relative to the Codex home (default "log/network-decisions.jsonl"). Its folder is hidden from sandboxed commands.',
          ),
          max_bytes: int('a nonzero u64', 'Octets after which a new file is begun (default 10 MiB).'),
          max_files: int('a nonzero usize', 'Files that are kept, the current one included (default 5).'),
        },
        { doc: 'What the network policy decided, on disk.' },
      ),
    },
    { doc: 'Settings that only codexd has.' },
  );
}

const enabled = (name: string): TableShape => table(name, { enabled: bool() });

/** An approval policy: a word, or a table with one switch for each kind of question. */
export function approvalPolicy(doc = 'When a person is asked before a command runs.'): Shape {
  return {
    kind: 'variants',
    doc,
    words: ['untrusted', 'on-failure', 'on-request', 'never'],
    order: ['untrusted', 'on-failure', 'on-request', 'granular', 'never'],
    shownAs: { 'on-failure': 'on-request' },
    tables: {
      granular: table(
        'GranularApprovalConfig',
        {
          sandbox_approval: bool(),
          rules: bool(),
          skill_approval: bool('', false),
          request_permissions: bool('', false),
          mcp_elicitations: bool(),
        },
        { required: ['sandbox_approval', 'rules', 'mcp_elicitations'] },
      ),
    },
  };
}

/** `[features]`: switches; some features also have a table of settings. */
function featuresSection(): TableShape {
  const fields: Record<string, Shape> = {};
  for (const { name, hasSettings } of features()) {
    if (name === 'network_proxy') fields[name] = networkShapes().networkProxyFeature;
    else if (hasSettings) fields[name] = union('FeatureToml', [bool(), table('FeatureSettings', {}, { rest: any() })]);
  }
  return table('FeaturesToml', fields, {
    doc: 'Features by name.',
    opaque: 'rest',
    rest: bool(),
    restKnown: isKnownFeatureKey,
    sparse: true,
  });
}

const sandboxMode = (): Shape =>
  oneOf(['read-only', 'workspace-write', 'danger-full-access'], 'What commands may touch.');
const summary = (): Shape => oneOf(['auto', 'concise', 'detailed', 'none']);
const verbosity = (): Shape => oneOf(['low', 'medium', 'high']);
const personality = (): Shape => oneOf(['none', 'friendly', 'pragmatic']);
const webSearch = (): Shape => oneOf(['disabled', 'cached', 'indexed', 'live'], 'How the model may search the web.');
const windows = (): TableShape =>
  table('WindowsToml', {
    sandbox: oneOf(
      ['elevated', 'unelevated', 'mxc'],
      'Windows: how commands are sandboxed. Without it, or with "mxc", commands that need a sandbox are refused.',
    ),
    sandbox_private_desktop: bool('Windows: sandboxed commands have a desktop of their own. Default: true.'),
    allow_mxc: bool(),
  });
const analytics = (): TableShape => enabled('AnalyticsConfigToml');

/** `[profiles.NAME]`: accepted and shown, but without effect (docs/protocol/config.md §3). */
function profile(): TableShape {
  const service = serviceShapes();
  const { profileTui } = terminalShapes();
  return table('ConfigProfile', {
    model: str(),
    service_tier: str(),
    model_provider: str(),
    approval_policy: approvalPolicy(),
    approvals_reviewer: service.approvalsReviewer(),
    sandbox_mode: sandboxMode(),
    model_reasoning_effort: str(),
    plan_mode_reasoning_effort: str(),
    model_reasoning_summary: summary(),
    model_verbosity: verbosity(),
    model_catalog_json: path(),
    personality: personality(),
    chatgpt_base_url: str(),
    model_instructions_file: path(),
    js_repl_node_path: path(),
    js_repl_node_module_dirs: list(path()),
    experimental_compact_prompt_file: path(),
    include_permissions_instructions: bool(),
    include_apps_instructions: bool(),
    include_collaboration_mode_instructions: bool(),
    include_environment_context: bool(),
    include_environment_context_time: bool(),
    experimental_use_unified_exec_tool: bool(),
    tools: service.tools,
    web_search: webSearch(),
    analytics: analytics(),
    tui: profileTui,
    windows: windows(),
    features: featuresSection(),
    oss_provider: str(),
  });
}

/**
 * First the keys that clients rely on, in the order of config/read (docs/protocol/config.md §2); then the other keys by
 * topic.
 */
function topLevel(): Fields {
  const service = serviceShapes();
  const { permissions, sandboxWorkspaceWrite } = networkShapes();
  const { tui, notice } = terminalShapes();
  return {
    model: str('The model to use.'),
    review_model: str('The model for reviews.'),
    model_context_window: int('i64', 'Size of the context window in tokens.'),
    model_auto_compact_token_limit: int('i64', 'Tokens from which the history is compacted.'),
    model_auto_compact_token_limit_scope: oneOf(['total', 'body_after_prefix']),
    model_provider: str('A key of model_providers or a built-in provider.'),
    approval_policy: approvalPolicy(),
    approvals_reviewer: service.approvalsReviewer('Who answers approval requests.'),
    sandbox_mode: sandboxMode(),
    sandbox_workspace_write: sandboxWorkspaceWrite,
    forced_chatgpt_workspace_id: union('Repr', [str(), list(str())]),
    forced_login_method: oneOf(['chatgpt', 'api']),
    web_search: webSearch(),
    tools: service.tools,
    instructions: str('Replaces the built-in instructions.'),
    developer_instructions: str('Added as a developer message.'),
    compact_prompt: str('The prompt that compacts a history.'),
    model_reasoning_effort: str('How much the model thinks: `low`, `medium`, `high`, …'),
    model_reasoning_summary: summary(),
    model_verbosity: verbosity(),
    service_tier: str(),
    analytics: analytics(),
    apps: service.apps,
    browser_use: service.browserUse,
    computer_use: service.computerUse,
    desktop: map(any(), 'Kept for desktop clients.'),

    default_permissions: str(
      'The permission profile of new threads and commands: a built-in or a name of [permissions].',
    ),
    permissions,
    shell_environment_policy: table(
      'ShellEnvironmentPolicyTomlRaw',
      {
        inherit: oneOf(['core', 'all', 'none'], 'Which variables of the daemon commands start from (default `all`).'),
        ignore_default_excludes: bool('false leaves out names with KEY, SECRET or TOKEN in them (default true).'),
        exclude: list(str(), 'Patterns of names to leave out.'),
        set: secret(map(str(), 'Variables to set; they win over what is left out.')),
        include_only: list(str(), 'If given, only names that fit one of these patterns are kept.'),
        filters: map(
          oneOf(['include', 'exclude']),
          'Patterns of names, each "include" or "exclude"; not beside exclude or include_only.',
        ),
        experimental_use_profile: bool(),
      },
      { doc: 'The environment of commands.', fallback: {} },
    ),
    features: featuresSection(),
    projects: map(
      table('ProjectConfig', {
        trust_level: oneOf(['trusted', 'untrusted'], 'Whether the configuration inside the project counts.'),
      }),
      'What is known about projects, by path.',
    ),
    project_root_markers: list(str(), 'Names that make a folder a project root.', ['.git']),
    project_doc_max_bytes: int('usize', 'How much of a project document is read.', 32768),
    project_doc_fallback_filenames: list(str(), '', []),
    profile: str('No longer supported.'),
    profiles: map(profile(), 'Kept, without effect.', {}),
    model_providers: service.modelProviders,
    mcp_servers: service.mcpServers,
    hooks: hookShapes().hooks,
    agents: service.agents,
    skills: service.skills,
    plugins: service.plugins,
    marketplaces: service.marketplaces,
    notify: list(str(), 'A program that is told of events.'),
    tui,
    notice,
    history: table(
      'History',
      { persistence: oneOf(['save-all', 'none'], '', 'save-all'), max_bytes: int('usize') },
      { fallback: {} },
    ),
    file_opener: oneOf(['vscode', 'vscode-insiders', 'windsurf', 'cursor', 'none'], '', 'vscode'),
    hide_agent_reasoning: bool('', false),
    show_raw_agent_reasoning: bool(),
    allow_login_shell: bool('', true),
    background_terminal_max_timeout: int('u64', '', 300000),
    chatgpt_base_url: str('', 'https://chatgpt.com/backend-api/'),
    openai_base_url: str(),
    cli_auth_credentials_store: oneOf(['file', 'keyring', 'auto', 'ephemeral'], '', 'file'),
    mcp_oauth_credentials_store: oneOf(['auto', 'file', 'keyring'], '', 'auto'),
    mcp_oauth_callback_port: int('u16'),
    mcp_oauth_callback_url: str(),
    mcp_optional_startup_grace_ms: int('u64'),
    mcp_enterprise_managed_auth: table(
      'McpEnterpriseManagedAuthConfig',
      {
        idp: table(
          'McpEnterpriseManagedAuthIdp',
          { issuer: str(), client_id: str(), client_secret: secret(str()), token_endpoint_auth_method: str() },
          { required: ['issuer', 'client_id'], closed: true },
        ),
      },
      { closed: true, required: ['idp'] },
    ),
    include_environment_context: bool('', true),
    include_environment_context_time: bool('', true),
    include_permissions_instructions: bool('', true),
    include_apps_instructions: bool('', true),
    include_collaboration_mode_instructions: bool('', true),
    model_instructions_file: path(),
    model_catalog_json: path(),
    experimental_compact_prompt_file: path(),
    model_post_turn_compact_threshold_percent: int('u8'),
    plan_mode_reasoning_effort: str(),
    personality: personality(),
    tool_output_token_limit: int('usize'),
    tool_suggest: service.toolSuggest,
    auto_review: table('AutoReviewToml', {
      timeout_ms: int('u32'),
      circuit_break_action: oneOf(['default', 'strict']),
      policy: str(),
      experimental_conversation_history_prompt: str(),
      conversation_history_max_output_tokens: int('a nonzero usize'),
    }),
    memories: service.memories,
    goals: table('GoalsToml', { max_goal_token_budget: int('a nonzero u64') }),
    otel: service.otel,
    feedback: enabled('FeedbackConfigToml'),
    code_mode: table('CodeModeToml', { heartbeat_interval_s: int('u32') }),
    responses: table('ResponsesToml', {
      process_mode: oneOf(
        ['streaming', 'after_complete_response'],
        'When the calls of an answer start: at once (default), or after the whole answer.',
      ),
    }),
    rollout_trace: table('RolloutTraceToml', { max_payload_bytes: int('u64'), max_bytes: int('u64') }),
    orchestrator: table('OrchestratorToml', {
      skills: enabled('FeatureToggleToml'),
      mcp: enabled('FeatureToggleToml'),
    }),
    cloud: table('CloudToml', { skills: enabled('FeatureToggleToml') }),
    ghost_snapshot: table('GhostSnapshotToml', {
      ignore_large_untracked_files: int('i64'),
      ignore_large_untracked_dirs: int('i64'),
      disable_warnings: bool(),
    }),
    windows: windows(),
    audio: service.audio,
    realtime: service.realtime,
    responses_api_metadata: secret(map(str())),
    thread_unload_delay_secs: int('u64'),
    log_dir: path(),
    sqlite_home: path(),
    oss_provider: str(),
    daybreak: bool(),
    apps_mcp_product_sku: str(),
    allow_symlinked_codex_home: bool(),
    check_for_update_on_startup: bool(),
    disable_paste_burst: bool(),
    suppress_unstable_features_warning: bool(),
    js_repl_node_path: path(),
    js_repl_node_module_dirs: list(path()),
    experimental_use_unified_exec_tool: bool(),
    experimental_thread_store: tagged('ThreadStoreToml', 'type', {
      local: table('ThreadStoreLocal', {}, { rest: any() }),
      in_memory: table('ThreadStoreInMemory', {}, { rest: any() }),
    }),
    experimental_thread_store_endpoint: str(),
    experimental_realtime_ws_base_url: str(),
    experimental_realtime_ws_model: str(),
    experimental_realtime_ws_backend_prompt: str(),
    experimental_realtime_ws_startup_context: str(),
    experimental_realtime_start_instructions: str(),
    experimental_realtime_webrtc_call_base_url: str(),
  };
}
