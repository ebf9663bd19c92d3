import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { isRequest, takeRequest, writeRequest } from '../../../../server/sandbox/windows/run/launch-request.js';
import { CODEXD_VERSION } from '../../../../server/package/package-version.js';

const REQUEST = {
  codexHome: '/home',
  job: null,
  argv: ['program', 'a b'],
  cwd: '/work',
  env: { SECRET: 'value' },
  logon: { user: 'offline', name: 'codexd-offline', sid: 'S-1-5-21-1-2-3-4' },
  capabilities: ['S-1-5-21-1-2-3-5'],
  privateDesktop: true,
  terminal: null,
} as const;

t.test('a request is read once, and is gone then', async (t) => {
  const folder = path.join(t.testdir(), 'requests');
  const written = writeRequest(folder, REQUEST);
  t.strictSame(takeRequest(written.path), { version: CODEXD_VERSION, ...REQUEST });
  t.strictSame(fs.readdirSync(folder), []);
  t.throws(() => takeRequest(written.path), { code: 'sandbox.refused' });
  written.remove();
});

t.test('one that nobody took is removed', async (t) => {
  const folder = path.join(t.testdir(), 'requests');
  const [one, two] = [writeRequest(folder, REQUEST), writeRequest(folder, REQUEST)];
  t.not(one.path, two.path);
  one.remove();
  one.remove();
  t.strictSame(fs.readdirSync(folder), [path.basename(two.path)]);
});

t.test('what is not a request of this build is refused', async (t) => {
  const file = path.join(t.testdir(), 'request');
  const refused = (content: string, message: RegExp): void => {
    fs.writeFileSync(file, content);
    t.throws(() => takeRequest(file), { code: 'sandbox.refused', message });
  };
  refused('{', /damaged/);
  refused(JSON.stringify({ version: CODEXD_VERSION, ...REQUEST, argv: [] }), /damaged/);
  refused(JSON.stringify({ version: '9.9.9', ...REQUEST }), /of codexd 9\.9\.9.*restart codexd/);
  const changes = [{ logon: { user: 'system' } }, { capabilities: [1] }, { env: { A: 1 } }, { job: 1 }, { cwd: null }];
  for (const change of changes) t.notOk(isRequest({ version: '1', ...REQUEST, ...change }), JSON.stringify(change));
  t.ok(isRequest({ version: '1', ...REQUEST, logon: null }));
});
