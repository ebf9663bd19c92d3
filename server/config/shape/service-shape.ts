import { any, bool, float, int, list, map, oneOf, path, secret, str, table, tagged, union } from './toml-shape.js';
import { checkMcpServer, checkProviders } from './semantic-checks.js';
import type { Fields, Shape } from './toml-shape.js';

/** Sections for models, MCP servers, apps, plugins and telemetry: facts of the protocol. Made once. */
export function serviceShapes(): ServiceShapes {
  return (shapes ??= make());
}
let shapes: ServiceShapes | undefined;

type ServiceShapes = ReturnType<typeof make>;

function make() {
  const toolApproval = oneOf(['auto', 'prompt', 'writes', 'approve']);
  const approvalsReviewer = (doc = ''): Shape => oneOf(['user', 'auto_review', 'guardian_subagent'], doc);
  const surfaces = list(oneOf(['code_mode', 'deferred', 'direct']));
  const allowDeny = (): Shape => oneOf(['allow', 'deny']);

  const modelProviders = map(
    table(
      'ModelProviderInfo',
      {
        name: str('Name shown to people.', ''),
        base_url: str('Root of the API.'),
        model_catalog_url: str(),
        env_key: str('Environment variable that holds the API key. It is kept from sandboxed commands.'),
        env_key_instructions: str(),
        experimental_bearer_token: secret(str()),
        auth: table(
          'ModelProviderAuthInfo',
          {
            command: str('The program. It prints the key on its standard output.'),
            args: list(str(), 'Its arguments.', []),
            timeout_ms: int('a nonzero u64', 'How long it may take, in milliseconds.', 5000),
            refresh_interval_ms: int(
              'u64',
              'How long a key is used, in milliseconds; 0: until the endpoint refuses it.',
              300000,
            ),
            cwd: path('The folder that it runs in (default: the Codex home).'),
          },
          { required: ['command'], doc: 'A program that prints the API key.' },
        ),
        gateway_oauth: secret(any()),
        aws: table('ModelProviderAwsAuthInfo', { profile: str(), region: str() }),
        project_id: str(),
        location: str(),
        credential_file: path(),
        wire_api: oneOf(
          ['responses', 'chat', 'replay'],
          'What the endpoint speaks: the Responses API, Chat Completions, or a recorded cassette.',
          'responses',
        ),
        cassette: path('With `wire_api = "replay"`: the recorded session that is played.'),
        capabilities: table('ModelProviderCapabilities', {}, { rest: any() }),
        query_params: secret(map(str())),
        http_headers: secret(map(str())),
        env_http_headers: map(str()),
        request_max_retries: int('u64'),
        stream_max_retries: int('u64'),
        stream_idle_timeout_ms: int('u64'),
        websocket_connect_timeout_ms: int('u64'),
        requires_openai_auth: bool('', false),
        supports_websockets: bool('', false),
        supports_standalone_web_search: bool('', false),
      },
      { doc: 'A model provider.' },
    ),
    'Model providers by id.',
    {},
    checkProviders,
  );

  const mcpTool = table(
    'McpServerToolConfig',
    { enabled: bool(), approval_mode: toolApproval, omit_tools_from: surfaces },
    { sparse: true },
  );

  const mcpServers = map(
    table(
      'RawMcpServerConfig',
      {
        command: str('Program to start (stdio transport).'),
        args: list(str()),
        env: secret(map(str())),
        env_vars: list(union('McpServerEnvVar', [str(), table('McpServerEnvVarConfig', {}, { rest: any() })])),
        cwd: str(),
        url: str('Address (streamable HTTP transport).'),
        bearer_token: secret(str()),
        bearer_token_env_var: str(),
        http_headers: secret(map(str())),
        env_http_headers: map(str()),
        auth: oneOf(['oauth', 'chatgpt', 'ema_auth']),
        name: str(),
        environment_id: str('Where the server runs; `local` is this machine, and all that codexd has.', 'local'),
        startup_timeout_sec: float(),
        startup_timeout_ms: int('u64'),
        tool_timeout_sec: { ...float(), fallback: null },
        enabled: bool('', true),
        required: bool(),
        supports_parallel_tool_calls: bool(),
        enabled_tools: list(str()),
        disabled_tools: list(str()),
        scopes: list(str()),
        oauth: table(
          'McpServerOAuthConfig',
          { client_id: str(), client_secret: secret(str()), callback_port: int('u16'), callback_url: str() },
          { sparse: true },
        ),
        oauth_resource: str(),
        default_tools_approval_mode: toolApproval,
        omit_tools_from: surfaces,
        permissions: str(
          'The permission profile under which the program of the server runs: its sandbox, and its rules for the network.',
        ),
        tools: map(mcpTool),
      },
      {
        doc: 'An MCP server.',
        sparse: true,
        semanticCheck: checkMcpServer,
        derive: (server) => (server.command === undefined ? {} : { args: [] }),
      },
    ),
    'MCP servers by name.',
    {},
  );

  const appTool = table('AppToolConfig', { enabled: bool(), approval_mode: toolApproval });
  const appLink = table('AppLinkConfig', {
    approvals_reviewer: approvalsReviewer(),
    default_tools_approval_mode: toolApproval,
  });
  const appCommon: Fields = {
    enabled: bool('', true),
    approvals_reviewer: approvalsReviewer(),
    destructive_enabled: bool(),
    open_world_enabled: bool(),
    default_tools_approval_mode: toolApproval,
  };

  const apps = table(
    'AppsConfigToml',
    {
      _default: table('AppsDefaultConfig', {
        ...appCommon,
        destructive_enabled: bool('', true),
        open_world_enabled: bool('', true),
      }),
    },
    {
      doc: 'Apps (connectors) and their tools.',
      opaque: 'rest',
      rest: table('AppConfig', {
        ...appCommon,
        omit_tools_from: surfaces,
        default_tools_enabled: bool(),
        tools: table('AppToolsConfig', {}, { rest: appTool }),
        links: table('AppLinksConfig', {}, { rest: appLink }),
      }),
    },
  );

  const plugins = table(
    'PluginsConfigToml',
    {},
    {
      opaque: 'rest',
      fallback: {},
      doc: 'Plugins by id.',
      rest: table(
        'PluginConfig',
        {
          enabled: bool(),
          apps: map(any()),
          mcp_servers: map(
            table(
              'PluginMcpServerConfig',
              {
                enabled: bool('', true),
                tools: map(mcpTool),
                enabled_tools: list(str()),
                disabled_tools: list(str()),
                default_tools_approval_mode: toolApproval,
                permissions: str('The permission profile under which the program of the server runs.'),
              },
              { sparse: true },
            ),
          ),
        },
        { sparse: true },
      ),
    },
  );

  const agents = table(
    'AgentsToml',
    {
      enabled: bool(),
      max_concurrent_threads_per_session: int('usize'),
      max_depth: int('i32'),
      default_subagent_model: str(),
      default_subagent_reasoning_effort: str(),
      job_max_runtime_seconds: int('u64'),
      interrupt_message: bool(),
    },
    {
      doc: 'Sub-agents and their roles.',
      opaque: 'rest',
      rest: table('AgentRoleToml', { description: str(), config_file: path(), nickname_candidates: list(str()) }),
    },
  );

  const otlpTls = table('OtelTlsConfig', {
    'ca-certificate': path(),
    'client-certificate': path(),
    'client-private-key': path(),
  });
  const exporter = (): Shape => ({
    kind: 'variants',
    doc: '',
    words: ['none', 'statsig'],
    order: ['none', 'statsig', 'otlp-http', 'otlp-grpc'],
    tables: {
      'otlp-http': table(
        'OtlpHttp',
        {
          endpoint: str(),
          headers: secret(map(str(), '', {}), 'wire'),
          protocol: oneOf(['binary', 'json']),
          tls: otlpTls,
        },
        { required: ['endpoint', 'protocol'] },
      ),
      'otlp-grpc': table(
        'OtlpGrpc',
        { endpoint: str(), headers: secret(map(str(), '', {}), 'wire'), tls: otlpTls },
        { required: ['endpoint'] },
      ),
    },
  });

  const otel = table(
    'OtelConfigToml',
    {
      headers_helper: str(),
      headers_helper_refresh_interval_ms: int('a nonzero u64'),
      tool_result: table('ToolResultLogConfig', { max_bytes: int('usize') }),
      log_sse_deltas: bool(),
      log_user_prompt: bool(),
      log_agent_responses: bool(),
      log_guardian_assessments: bool(),
      environment: str(),
      exporter: exporter(),
      trace_exporter: exporter(),
      metrics_exporter: exporter(),
      span_attributes: map(str()),
      tracestate: map(map(str())),
    },
    { doc: 'Telemetry. codexd exports none.' },
  );

  const memories = table('MemoriesToml', {
    version: oneOf(['v1', 'v2']),
    dual_write: bool(),
    disable_on_external_context: bool(),
    generate_memories: bool(),
    use_memories: bool(),
    dedicated_tools: bool(),
    max_raw_memories_for_consolidation: int('usize'),
    max_unused_days: int('i64'),
    max_rollout_age_days: int('i64'),
    max_rollouts_per_startup: int('usize'),
    min_rollout_idle_hours: int('i64'),
    min_rate_limit_remaining_percent: int('i64'),
    extract_model: str(),
    consolidation_model: str(),
    consolidation_service_tier: str(),
  });

  const origin = table('BrowserUseOriginPolicyConfigToml', {
    access: allowDeny(),
    downloads: allowDeny(),
    uploads: allowDeny(),
    full_cdp_access: allowDeny(),
  });
  const browserUse = table('BrowserUseConfigToml', {
    allow_history_access: bool(),
    default_origin_policy: origin,
    origins: map(origin),
  });
  const computerUse = table('ComputerUseConfigToml', {
    default_app_access: allowDeny(),
    macos: table('ComputerUseMacosConfigToml', { bundle_ids: map(allowDeny()) }),
    windows: table('ComputerUseWindowsConfigToml', {
      aumids: map(allowDeny()),
      exes: list(
        table(
          'ComputerUseWindowsExeConfigToml',
          { publisher_name: str(), product_name: str(), access: allowDeny() },
          { required: ['publisher_name', 'product_name', 'access'] },
        ),
      ),
    }),
  });

  const suggestion = tagged('ToolSuggestType', 'type', {
    connector: table('Connector', { id: str() }, { required: ['id'] }),
    plugin: table('Plugin', { id: str() }, { required: ['id'] }),
  });
  const toolSuggest = table('ToolSuggestConfig', {
    discoverables: list(suggestion, '', []),
    disabled_tools: list(suggestion, '', []),
  });

  const skills = table(
    'SkillsConfig',
    {
      config: list(
        table('SkillConfig', { path: path(), name: str(), enabled: bool() }, { required: ['enabled'], sparse: true }),
      ),
      bundled: table('BundledSkillsConfig', { enabled: bool('', true) }),
      include_instructions: bool(),
      max_context_tokens: int('a nonzero usize'),
    },
    { sparse: true },
  );

  const marketplaces = map(
    table('MarketplaceConfig', {
      last_updated: str(),
      last_revision: str(),
      source_type: oneOf(['git', 'local']),
      source: str(),
      ref: str(),
      sparse_paths: list(str()),
    }),
    '',
    {},
  );

  const webSearchTool = union('WebSearchToolConfigInput', [
    { kind: 'boolean', doc: '' },
    table('WebSearchToolConfig', {
      context_size: oneOf(['low', 'medium', 'high']),
      allowed_domains: list(str()),
      location: table('WebSearchLocation', { country: str(), region: str(), city: str(), timezone: str() }),
    }),
  ]);
  const tools = table(
    'ToolsToml',
    {
      client_search_provider: oneOf(['standalone', 'search_mcp']),
      web_search: webSearchTool,
      experimental_request_user_input: table('ExperimentalRequestUserInput', { enabled: bool() }),
      update_plan: table('UpdatePlanToolConfig', { enabled: bool() }),
    },
    { doc: 'Tools of the model.' },
  );

  const realtime = table('RealtimeToml', {
    version: oneOf(['v1', 'v2', 'v3']),
    type: oneOf(['conversational', 'transcription']),
    transport: oneOf(['webrtc', 'websocket']),
    voice: str(),
  });
  const audio = table('RealtimeAudioToml', {
    microphone_channel: any(),
    microphone: str(),
    speaker: str(),
  });

  return {
    approvalsReviewer,
    modelProviders,
    mcpServers,
    apps,
    plugins,
    agents,
    otel,
    memories,
    browserUse,
    computerUse,
    toolSuggest,
    skills,
    marketplaces,
    tools,
    realtime,
    audio,
  };
}
