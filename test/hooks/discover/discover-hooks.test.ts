import t from 'tap';
import { listed, NO_HOOKS } from '../../../server/hooks/discover/discover-hooks.js';
import { json, placeIn, rows, state, toml } from './support.js';

t.test('a file’s hooks are in the order of events, then as in the file; the files come one after the other', (t) => {
  const place = placeIn(t.testdir());
  const hooks = {
    Stop: JSON.parse(json('Stop', 'a', 'b')).hooks.Stop,
    SessionStart: [{ hooks: [{ type: 'command', command: 'c' }] }],
  };
  const found = place.hooks({
    files: {
      'home/hooks.json': JSON.stringify({ hooks }),
      'home/config.toml': toml('Stop', 'd') + toml('PreToolUse', 'e'),
    },
  });
  t.same(
    rows(found).map((row) => (row as unknown[])[0]),
    ['c', 'a', 'b', 'e', 'd'],
  );
  t.match(listed('/w', found), { cwd: '/w', errors: [], warnings: [/loading hooks from both/] });
  t.end();
});

t.test('only an enabled hook that is trusted as it is written now may run', (t) => {
  const place = placeIn(t.testdir());
  const hook =
    '[[hooks.PreToolUse]]\nmatcher = "Bash"\n[[hooks.PreToolUse.hooks]]\ntype = "command"\ncommand = "exit 2"\ntimeout = 5\n';
  const key = `${place.home}/config.toml:pre_tool_use:0:0`;
  const read = (content: string, options = {}) =>
    place.hooks({ files: { 'home/config.toml': hook + (content === '' ? '' : state(key, content)) }, options });
  const hash = read('').hooks[0]?.currentHash ?? '';
  const yes = `trusted_hash = "${hash}"`;
  for (const content of ['', 'trusted_hash = "sha256:00"', `${yes}\nenabled = false`, 'enabled = true'])
    t.same(read(content).runnable, [], content);
  t.strictSame(read(yes).runnable, [
    {
      key,
      eventName: 'preToolUse',
      matcher: 'Bash',
      timeoutSec: 5,
      statusMessage: null,
      additionalContextLimit: null,
      handlerType: 'command',
      command: 'exit 2',
      async: false,
      source: 'user',
      sourcePath: `${place.home}/config.toml`,
      plugin: null,
      displayOrder: 0,
      isManaged: false,
    },
  ]);
  t.equal(read('', { bypassesTrust: true }).runnable.length, 1);
  t.equal(read('enabled = false', { bypassesTrust: true }).runnable.length, 0, 'off is off');
  t.end();
});

t.test('the feature switches off what people have, and not what the administrator requires', (t) => {
  const place = placeIn(t.testdir());
  const off = '[features]\nhooks = false\n';
  const files = { 'home/hooks.json': json('Stop', 'user'), 'home/config.toml': off };
  t.match(place.hooks({ files }), { hooks: [], warnings: [] });
  const required = { ...files, 'etc/requirements.toml': toml('Stop', 'guard') };
  t.match(place.hooks({ files: required }).runnable, [{ command: 'guard', isManaged: true }]);
  t.equal(place.hooks({ files: required }).hooks.length, 1);
  const all = place.hooks({
    files: { ...required, 'etc/requirements.toml': `features.hooks = false\n${toml('Stop', 'guard')}` },
  });
  t.match(all, { hooks: [], failures: [] }, 'the administrator’s own switch');
  const on = { ...required, 'etc/requirements.toml': `features.hooks = true\n${toml('Stop', 'guard')}` };
  t.equal(place.hooks({ files: on }).hooks.length, 2);
  t.end();
});

t.test('the user cannot switch off or change the administrator’s hook', (t) => {
  const place = placeIn(t.testdir());
  const key = `${place.etc}/requirements.toml:stop:0:0`;
  const files = {
    'etc/requirements.toml': toml('Stop', 'guard'),
    'home/config.toml': state(key, 'enabled = false\ntrusted_hash = "sha256:0"'),
  };
  t.match(place.hooks({ files }).hooks, [{ enabled: true, trustStatus: 'managed', isManaged: true }]);
  t.equal(place.hooks({ files }).runnable.length, 1);
  t.end();
});

t.test('a required hook that cannot run is a failure; one of a person is a warning', (t) => {
  const place = placeIn(t.testdir());
  const prompt = '[[hooks.PreToolUse]]\n[[hooks.PreToolUse.hooks]]\ntype = "prompt"\n';
  const files = { 'etc/requirements.toml': prompt, 'home/config.toml': prompt };
  const found = place.hooks({ files });
  t.match(found.failures, [
    `skipping prompt hook in ${place.etc}/requirements.toml: prompt hooks are not supported yet`,
  ]);
  t.equal(found.warnings.length, 2);
  t.same(NO_HOOKS.runnable, []);
  t.end();
});

t.test('a tool of an MCP server runs as a command does; an event that cannot have one refuses a required one', (t) => {
  const place = placeIn(t.testdir());
  const tool = '[[hooks.PreToolUse]]\n[[hooks.PreToolUse.hooks]]\ntype = "mcp_tool"\nserver = "s"\ntool = "t"\n';
  const user = { 'home/config.toml': tool };
  t.match(place.hooks({ files: user }), { hooks: [{ handlerType: 'mcpTool', server: 's' }], runnable: [] });
  const found = place.hooks({ files: user, options: { bypassesTrust: true } });
  t.match(found.runnable, [{ handlerType: 'mcpTool', server: 's', tool: 't', input: {} }]);
  const required = place.hooks({ files: { 'etc/requirements.toml': tool } });
  t.match(required, { failures: [], runnable: [{ handlerType: 'mcpTool', isManaged: true }] });
  const atEnd = tool.replaceAll('PreToolUse', 'SessionEnd');
  t.match(place.hooks({ files: { 'etc/requirements.toml': atEnd } }).failures, [
    /requirements.toml: SessionEnd MCP hooks are not supported$/,
  ]);
  t.end();
});

t.test('an invalid configuration has no hooks', (t) => {
  const place = placeIn(t.testdir());
  const found = place.hooks({ files: { 'home/hooks.json': json('Stop', 'a'), 'home/config.toml': 'model = 5\n' } });
  t.match(found, { hooks: [], warnings: [] });
  t.end();
});
