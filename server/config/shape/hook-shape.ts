/**
 * Hooks in config.toml, in requirements.toml and in hooks.json: facts of the protocol (docs/protocol/services.md §6).
 */
import { any, bool, hidden, int, list, map, str, table, tagged } from './toml-shape.js';
import type { Fields } from './toml-shape.js';

/** The events of a turn that can have hooks, in the order of the protocol's answers. */
export const HOOK_EVENTS = [
  'PreModelRequest',
  'PostModelRequest',
  'PreToolUse',
  'PermissionRequest',
  'PostToolUse',
  'PreCompact',
  'PostCompact',
  'SessionStart',
  'SessionEnd',
  'UserPromptSubmit',
  'SubagentStart',
  'SubagentStop',
  'Stop',
  'Interrupt',
] as const;

const WHEN: Readonly<Record<(typeof HOOK_EVENTS)[number], string>> = {
  PreModelRequest: 'Before each request to the model.',
  PostModelRequest: 'After each answer of the model.',
  PreToolUse: 'Before a tool is called; can refuse the call.',
  PermissionRequest: 'In place of a person who is asked for an approval.',
  PostToolUse: 'After a tool was called.',
  PreCompact: 'Before the history is compacted.',
  PostCompact: 'After the history was compacted.',
  SessionStart: 'In the first turn of a thread that was started, resumed, forked or compacted.',
  SessionEnd: 'When a thread is closed.',
  UserPromptSubmit: 'When a person sends something; can refuse it, or add to it.',
  SubagentStart: 'When a sub-agent starts. codexd has none.',
  SubagentStop: 'When a sub-agent ends. codexd has none.',
  Stop: 'When the model has finished; can make it continue.',
  Interrupt: 'When a turn is interrupted.',
};

/** Made once. */
export function hookShapes(): HookShapes {
  return (shapes ??= make());
}
let shapes: HookShapes | undefined;

type HookShapes = ReturnType<typeof make>;

function make() {
  const hookHandler = tagged('HookHandlerConfig', 'type', {
    command: table(
      'HookCommand',
      {
        command: str('The line for the shell.'),
        commandWindows: str('The line on Windows, in place of `command`.'),
        command_windows: hidden(str('As `commandWindows`.')),
        timeout: int('u64', 'How long it may run, in seconds (default 600).'),
        async: bool('Whether nobody waits for its end.', false),
        statusMessage: str('What clients show while it runs.'),
        additionalContextLimit: int('usize', 'The most that the model receives of its output, in tokens.'),
      },
      { required: ['command'] },
    ),
    mcp_tool: table(
      'HookMcpTool',
      {
        server: str('An MCP server of the thread.'),
        tool: str('Its tool.'),
        input: map(any(), 'The arguments of the tool; `${a.b}` in a text is a member of what hooks get.', {}),
        timeout: int('u64', 'How long the call may take, in seconds.'),
        statusMessage: str('What clients show while it runs.'),
      },
      { required: ['server', 'tool'], rest: any() },
    ),
    prompt: table('HookPrompt', {}, { rest: any() }),
    agent: table('HookAgent', {}, { rest: any() }),
  });

  const matcherGroup = table('MatcherGroup', {
    matcher: str('For which tools, or other subjects of the event: a name, names with `|` between, or a pattern.'),
    hooks: list(hookHandler, 'What runs, all at the same time.', []),
  });

  const events = (): Fields =>
    Object.fromEntries(HOOK_EVENTS.map((event) => [event, list(matcherGroup, WHEN[event], [])]));

  const managedHooks = table(
    'ManagedHooksRequirementsToml',
    {
      managed_dir: str('The folder with the programs of these hooks, absolute.'),
      windows_managed_dir: str('The same on Windows.'),
      ...events(),
    },
    { doc: 'Hooks of the administrator: they need no trust and cannot be switched off.' },
  );

  const hooks = table(
    'HooksToml',
    {
      ...events(),
      state: map(
        table(
          'HookStateToml',
          {
            enabled: bool('False: the hook does not run.'),
            trusted_hash: str('The text of the hook that a person has confirmed, as `hooks/list` shows its hash.'),
            trusted_content_hash: str(),
          },
          { sparse: true },
        ),
        'What a person has decided about each hook, by its key.',
      ),
    },
    { doc: 'Commands that run at points of a turn.', opaque: 'all', sparse: true },
  );

  return { hookHandler, managedHooks, hooks };
}
