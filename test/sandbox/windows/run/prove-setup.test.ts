import fs from 'node:fs';
import t from 'tap';
import { proveSandbox } from '../../../../server/sandbox/windows/run/prove-setup.js';
import { onWindows } from '../../../fixtures/windows.js';
import { fixture } from './fixtures/launched.js';
import { MARKER, OPEN_LAUNCHER } from './fixtures/open-sandbox.js';

t.test('both users are tried, and every wall has the name of its user', onWindows, async (t) => {
  const codexHome = fs.mkdtempSync('C:\\work\\home-');
  t.teardown(() => fs.rmSync(codexHome, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
  const apply = () => Promise.resolve({ capabilities: [], release: () => {} });
  const walls = await proveSandbox(codexHome, MARKER, { launcher: OPEN_LAUNCHER, apply }, [
    process.execPath,
    fixture('canary'),
  ]);
  const named = (user: string) => walls.filter(({ name }) => name.startsWith(`${user}: `));
  t.match(
    named('offline').find(({ name }) => /UDP on loopback/.test(name)),
    { result: /leaked|held/ },
  );
  t.match(
    named('online').find(({ name }) => /direct network/.test(name)),
    { result: 'held' },
  );
  t.equal(named('offline').length + named('online').length, walls.length);
});

t.test('where no canary can start, no wall is proved', onWindows, async (t) => {
  const codexHome = fs.mkdtempSync('C:\\work\\home-');
  t.teardown(() => fs.rmSync(codexHome, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
  const apply = () => Promise.reject(new Error('the lists cannot be made'));
  const walls = await proveSandbox(codexHome, MARKER, { apply });
  t.ok(walls.length > 10);
  t.ok(walls.every(({ result, detail }) => result === 'unreadable' && detail === 'the lists cannot be made'));
});
