import t from 'tap';
import type { CommandSettings } from '../../../server/config/settings/command-settings.js';
import { changed, commandEnvironment } from '../../../server/exec/start/command-environment.js';
import { memorySettings } from '../support/fakes.js';

const settings = (changes: Partial<CommandSettings> = {}): CommandSettings => memorySettings(changes).settings();
const base = { PATH: '/bin', HOME: '/home/me', OPENAI_API_KEY: 'secret', TOOL_TOKEN: 'tool', UNSET: undefined };

t.test('a request’s variables override the daemon’s environment', async (t) => {
  const env = commandEnvironment(settings(), base, { HOME: null, NEW: 'x', NOT_THERE: null, PATH: '/usr/bin' }, false);
  t.same({ ...env }, { PATH: '/usr/bin', OPENAI_API_KEY: 'secret', TOOL_TOKEN: 'tool', NEW: 'x' });
});

t.test('a request can restore variables that the policy excludes', async (t) => {
  const shellEnvironment = {
    inherit: 'all' as const,
    ignoreDefaultExcludes: true,
    exclude: ['TOOL_*'],
    set: { SET: 'policy' },
    includeOnly: [],
  };
  const env = commandEnvironment(settings({ shellEnvironment }), base, { TOOL_TOKEN: 'mine', SET: 'request' }, false);
  t.match(env, { TOOL_TOKEN: 'mine', SET: 'request' });
  t.notOk('TOOL_TOKEN' in commandEnvironment(settings({ shellEnvironment }), base, {}, false));
});

t.test('the daemon’s credentials do not reach sandboxed commands', async (t) => {
  const credentialNames = ['OPENAI_API_KEY'];
  const seen = (changes: Record<string, string>, sandboxed: boolean, set: Record<string, string> = {}): unknown => {
    const shellEnvironment = { ...settings().shellEnvironment, set };
    return commandEnvironment(settings({ credentialNames, shellEnvironment }), base, changes, sandboxed).OPENAI_API_KEY;
  };
  t.equal(seen({}, true), undefined);
  t.equal(seen({}, false), 'secret', 'an unsandboxed command could read them anyway');
  t.equal(seen({ OPENAI_API_KEY: 'mine' }, true), 'mine', 'unless the request names them');
  t.equal(seen({}, true, { OPENAI_API_KEY: 'set' }), 'set', 'or the policy sets them');
  t.equal(
    commandEnvironment(settings({ credentialNames }), base, {}, true).TOOL_TOKEN,
    'tool',
    'people’s tools need their tokens',
  );
});

t.test('no name has a special meaning', async (t) => {
  const env = changed({}, JSON.parse('{"__proto__": "a", "constructor": "b", "": "c"}') as Record<string, string>);
  t.same(Object.entries(env), [
    ['__proto__', 'a'],
    ['constructor', 'b'],
    ['', 'c'],
  ]);
  t.notOk('__proto__' in changed(env, JSON.parse('{"__proto__": null}') as Record<string, null>));
});
