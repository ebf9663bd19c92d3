/** The stored login, in the forms that both programs write and read. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { readLogin, type StoredLogin } from '../../../../server/sessions/model/provider/read-login.js';

t.test('the file of a login', (t) => {
  const home = t.testdir();
  t.strictSame(readLogin(home), { kind: 'none' });
  const kept = (text: string): StoredLogin => {
    fs.writeFileSync(path.join(home, 'auth.json'), text);
    return readLogin(home);
  };
  t.strictSame(kept('{"auth_mode":"apikey","OPENAI_API_KEY":"k"}'), { kind: 'apiKey', key: 'k' });
  t.strictSame(kept('{"OPENAI_API_KEY":"k","tokens":null}'), { kind: 'apiKey', key: 'k' });
  t.strictSame(kept('{"auth_mode":"chatgpt","OPENAI_API_KEY":"k","tokens":{}}'), {
    kind: 'unknown',
    mode: 'chatgpt',
  });
  t.match(kept('{'), { kind: 'none', problem: /JSON/ });
  t.match(kept('[]'), { kind: 'none', problem: /object/ });
  t.end();
});
