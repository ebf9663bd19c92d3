import t from 'tap';
import { hooksOf } from '../../../server/hooks/discover/found-hooks.js';
import { parseHooksJson } from '../../../server/hooks/discover/hooks-json.js';

function found(hooks: object) {
  const read = parseHooksJson(JSON.stringify({ hooks }));
  if ('why' in read) throw new Error(read.why);
  return hooksOf({ source: 'user', sourcePath: '/h', isManaged: false, isRequired: false, events: read.events });
}
const command = (more: object = {}) => ({ type: 'command', command: 'x', ...more });

t.test('what the official program skips is skipped with its words', (t) => {
  const { hooks, warnings, skipped } = found({
    Stop: [
      {
        hooks: [
          command({ command: '' }),
          command({ command: ' \t' }),
          command(),
          { type: 'prompt' },
          { type: 'agent' },
        ],
      },
    ],
    PreToolUse: [
      { matcher: '[', hooks: [command()] },
      {
        hooks: [
          { type: 'mcp_tool', server: '', tool: 't' },
          { type: 'mcp_tool', server: 's', tool: ' ' },
        ],
      },
    ],
    SessionEnd: [{ hooks: [{ type: 'mcp_tool', server: 's', tool: 't' }] }],
  });
  t.same(
    hooks.map(({ key }) => key),
    ['/h:stop:0:2'],
  );
  t.same(warnings, [
    'invalid matcher "[" in /h: regex parse error:\n    [\n    ^\nerror: unclosed character class',
    'skipping MCP tool hook in /h: server and tool must not be empty',
    'skipping MCP tool hook in /h: server and tool must not be empty',
    'skipping MCP tool hook in /h: SessionEnd MCP hooks are not supported',
    'skipping empty hook command in /h',
    'skipping empty hook command in /h',
    'skipping prompt hook in /h: prompt hooks are not supported yet',
    'skipping agent hook in /h: agent hooks are not supported yet',
  ]);
  t.same(skipped, warnings);
  t.end();
});

t.test('limits and defaults, with a warning for what is not taken over', (t) => {
  const { hooks, warnings, skipped } = found({
    Stop: [{ matcher: '[', hooks: [command({ timeout: 0 }), command(), command({ additionalContextLimit: 5 })] }],
    SessionEnd: [{ hooks: [command(), command({ timeout: 100, async: true })] }],
    PreToolUse: [{ hooks: [command({ additionalContextLimit: 5, async: true, statusMessage: 's' })] }],
  });
  t.match(hooks, [
    { eventName: 'preToolUse', async: true, additionalContextLimit: 5, statusMessage: 's', timeoutSec: 600 },
    { eventName: 'sessionEnd', timeoutSec: 1 },
    { eventName: 'sessionEnd', timeoutSec: 3, async: false },
    { eventName: 'stop', timeoutSec: 1, matcher: null },
    { eventName: 'stop', timeoutSec: 600 },
    { eventName: 'stop', additionalContextLimit: null },
  ]);
  t.same(warnings, [
    'clamping SessionEnd hook timeout to 3s in /h',
    'running async SessionEnd hook synchronously in /h',
    'ignoring additionalContextLimit for Stop hook in /h: this event cannot emit additionalContext',
  ]);
  t.same(skipped, []);
  t.end();
});

t.test('a tool of an MCP server keeps its input', (t) => {
  const input = { a: 1, b: '${tool_name}', c: [true] };
  const { hooks } = found({
    PreToolUse: [{ matcher: 'Bash', hooks: [{ type: 'mcp_tool', server: 's', tool: 't', input }] }],
  });
  t.match(hooks, [{ handlerType: 'mcpTool', server: 's', tool: 't', input, matcher: 'Bash' }]);
  t.end();
});
