/** `codexd login`, `login status` and `logout`, as programs. */
import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { say, startModelServer } from '../fixtures/model-server.js';
import { codexd, scratch, scriptedConfig } from '../fixtures/program.js';

t.setTimeout(180_000);

const KEY = 'sk-abcdefghijklmnop1234';
const SAVED = 'Reading API key from stdin...\nAPI key saved. Authentication is checked when you send a request.\n';

function stage(t: Test, config = '') {
  const places = scratch(t, config);
  const file = path.join(places.home, 'auth.json');
  return { places, file, run: (words: string, input?: string) => codexd(places, words.split(' '), input) };
}

t.test('a key is stored, shown without its middle part, and removed', async (t) => {
  const { file, run } = stage(t);
  t.strictSame(await run('login status'), { code: 1, stdout: '', stderr: 'Not logged in\n' });
  t.strictSame(await run('login --with-api-key', `${KEY}\n`), { code: 0, stdout: '', stderr: SAVED });
  t.equal(fs.readFileSync(file, 'utf8'), `{\n  "auth_mode": "apikey",\n  "OPENAI_API_KEY": "${KEY}"\n}`);
  t.equal(fs.statSync(file).mode & 0o777, 0o600);
  t.strictSame(await run('login status'), {
    code: 0,
    stdout: '',
    stderr: 'API key configured - sk-abcde***p1234\nAuthentication is checked when you send a request.\n',
  });
  await run('login --with-api-key', 'short');
  t.match(await run('login status'), { code: 0, stderr: /^API key configured - \*\*\*\n/ });
  t.strictSame(await run('logout'), { code: 0, stdout: '', stderr: 'Successfully logged out\n' });
  t.notOk(fs.existsSync(file));
  t.strictSame(await run('logout'), { code: 0, stdout: '', stderr: 'Not logged in\n' });
});

t.test('a login of another program is reported as such', async (t) => {
  const { file, run } = stage(t);
  const status = (text: string) => (fs.writeFileSync(file, text), run('login status'));
  t.match(await status(`{"OPENAI_API_KEY":"${KEY}"}`), { code: 0, stderr: /^API key configured/ });
  t.match(await status('{"auth_mode":"chatgpt","tokens":{}}'), {
    code: 1,
    stderr: /^Logged in using chatgpt, which codexd cannot use: .*codexd login/,
  });
  for (const text of ['garbage', '[]', '"x"', '']) {
    t.match(await status(text), { code: 1, stderr: /^Error checking login status: .*auth\.json: ./ }, text);
  }
  t.match(await run('logout'), { code: 0, stderr: 'Successfully logged out\n' });
});

t.test('text that is not a key is not stored', async (t) => {
  const { file, run } = stage(t);
  for (const [input, error] of [
    ['', /^Reading.*\nNo API key provided via stdin\.\n$/],
    [' \n', /No API key provided via stdin\./],
    ['sk-a\nb', /is no API key/],
    ['sk-ä', /is no API key/],
    ['\u001b[0m', /is no API key/],
    ['k'.repeat(70_000), /longer than 65536 bytes/],
  ] as const) {
    t.match(await run('login --with-api-key', input), { code: 1, stdout: '', stderr: error });
  }
  t.match(await run('login --with-access-token', ''), { code: 1, stderr: /No access token provided via stdin\./ });
  t.match(await run('login --with-access-token', 'x'), { code: 1, stderr: /codexd cannot check such tokens/ });
  t.match(await run('login --with-api-key --device-auth', KEY), { code: 2, stderr: /cannot be used with/ });
  t.match(await run('login --api-key x'), { code: 2, stderr: /seen by everybody/ });
  t.notOk(fs.existsSync(file));
});

t.test('no key is stored or used when the configuration selects another store', async (t) => {
  for (const store of ['keyring', 'ephemeral']) {
    const { file, run } = stage(t, `cli_auth_credentials_store = "${store}"`);
    t.match(await run('login --with-api-key', KEY), {
      code: 1,
      stderr: /Error logging in: .*cli_auth_credentials_store does not allow \(set by config\.toml\)/,
    });
    t.notOk(fs.existsSync(file));
    fs.writeFileSync(file, `{"OPENAI_API_KEY":"${KEY}"}`);
    t.match(await run('login status'), { code: 1, stderr: /is not used/ });
  }
  const chatgpt = stage(t, 'forced_login_method = "chatgpt"');
  t.match(await chatgpt.run('login --with-api-key', KEY), { code: 1, stderr: /^API key login is disabled\./ });
  const torn = stage(t, 'model = [');
  t.match(await torn.run('login --with-api-key', KEY), {
    code: 1,
    stderr: /the configuration cannot be used: .*config\.toml:1/,
  });
  t.notOk(fs.existsSync(torn.file));
});

t.test('a turn uses the stored key unless the configuration selects another store', async (t) => {
  const model = await startModelServer(say('one'), say('two'));
  t.teardown(() => model.close());
  const config = scriptedConfig(model.url).replace('wire_api', 'requires_openai_auth = true\nwire_api');
  const { run, places } = stage(t, config);
  await run('login --with-api-key', KEY);
  t.match(await run('exec --skip-git-repo-check hello'), { code: 0 });
  t.equal(model.requests.at(-1)?.headers.authorization, `Bearer ${KEY}`);
  fs.writeFileSync(path.join(places.home, 'config.toml'), `cli_auth_credentials_store = "keyring"\n${config}`);
  await run('exec --skip-git-repo-check hello');
  t.equal(model.requests.at(-1)?.headers.authorization, undefined);
});
