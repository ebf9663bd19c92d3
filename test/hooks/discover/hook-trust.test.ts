import fs from 'node:fs';
import t from 'tap';
import { judged, MANAGED } from '../../../server/hooks/discover/hook-trust.js';
import { hookHash } from '../../../server/hooks/discover/hook-hash.js';
import { json, placeIn, state, toml, trusts } from './support.js';

const hash = (command: string): string =>
  hookHash({ snake: 'stop', matcher: null, handler: { type: 'command', command, async: false, timeout: 600 } });
const trusted = (key: string, command: string): string => state(key, `trusted_hash = "${hash(command)}"`);

t.test('the status of a hook', (t) => {
  const entries = { k: { trusted_hash: 'sha256:aa' }, off: { trusted_hash: 'sha256:aa', enabled: false } };
  t.same(judged(entries, 'k', 'sha256:aa'), { enabled: true, trustStatus: 'trusted' });
  t.same(judged(entries, 'k', 'sha256:bb'), { enabled: true, trustStatus: 'modified' });
  t.same(judged(entries, 'off', 'sha256:aa'), { enabled: false, trustStatus: 'trusted' });
  for (const key of ['K', 'k ', './k', 'toString', '__proto__'])
    t.same(judged(entries, key, 'sha256:aa'), { enabled: true, trustStatus: 'untrusted' }, key);
  t.same(judged({ k: { trusted_hash: 'SHA256:AA' } }, 'k', 'sha256:aa').trustStatus, 'modified');
  t.same(judged({ k: { trusted_hash: '' } }, 'k', 'sha256:aa').trustStatus, 'modified');
  t.same(MANAGED, { enabled: true, trustStatus: 'managed' });
  t.end();
});

t.test('a project trusts nothing: neither its own hooks nor those of others, and it switches none off', (t) => {
  const place = placeIn(t.testdir());
  const [own, user] = [`${place.work}/.codex/hooks.json:stop:0:0`, `${place.home}/hooks.json:stop:0:0`];
  const files = {
    'home/hooks.json': json('Stop', 'user'),
    'home/config.toml': trusts(place.work),
    'work/.codex/hooks.json': json('Stop', 'project'),
    'work/.codex/config.toml': trusted(own, 'project') + trusted(user, 'user'),
  };
  t.match(
    place.hooks({ files }).hooks.map(({ trustStatus }) => trustStatus),
    ['untrusted', 'untrusted'],
  );
  t.same(place.hooks({ files }).runnable, []);
  const off = {
    ...files,
    'home/config.toml': trusts(place.work) + trusted(user, 'user'),
    'work/.codex/config.toml': state(user, 'enabled = false'),
  };
  t.match(place.hooks({ files: off }).runnable, [{ command: 'user' }]);
  t.end();
});

t.test('the machine’s files trust nothing; the user’s file, a profile and flags do', (t) => {
  const place = placeIn(t.testdir());
  const key = `${place.home}/hooks.json:stop:0:0`;
  const files = { 'home/hooks.json': json('Stop', 'user') };
  const status = (more: Record<string, string>, flags = {}): string | undefined =>
    place.hooks({ files: { ...files, ...more }, flags }).hooks[0]?.trustStatus;
  const none = {
    'etc/config.toml': '',
    'etc/managed_config.toml': '',
    'home/config.toml': '',
    'home/p.config.toml': '',
  };
  t.equal(status({ ...none, 'etc/config.toml': trusted(key, 'user') }), 'untrusted');
  t.equal(status({ ...none, 'etc/managed_config.toml': trusted(key, 'user') }), 'untrusted');
  t.equal(status({ ...none, 'home/config.toml': trusted(key, 'user') }), 'trusted');
  t.equal(status({ ...none, 'home/p.config.toml': trusted(key, 'user') }, { profile: 'p' }), 'trusted');
  const entry = `hooks.state={"${key}"={trusted_hash="${hash('user')}"}}`;
  t.equal(status(none, { overrides: [entry] }), 'trusted');
  t.end();
});

t.test('what ran and what was trusted is one text: a file that changes later changes nothing', (t) => {
  const place = placeIn(t.testdir());
  const key = `${place.home}/hooks.json:stop:0:0`;
  const files = { 'home/hooks.json': json('Stop', 'looked at'), 'home/config.toml': trusted(key, 'looked at') };
  const before = place.hooks({ files });
  fs.writeFileSync(`${place.home}/hooks.json`, json('Stop', 'changed'));
  t.match(before.runnable, [{ command: 'looked at' }]);
  const after = place.hooks({ files: { ...files, 'home/hooks.json': json('Stop', 'changed') } });
  t.match(after.hooks, [{ trustStatus: 'modified' }]);
  t.same(after.runnable, []);
  t.end();
});

t.test('a path that looks like a key is another hook’s key only with the same text', (t) => {
  const place = placeIn(t.testdir());
  const odd = `${place.work}/.codex/hooks.json`;
  const files = {
    'home/config.toml': trusts(place.work) + trusted(`${odd}:stop:0:0:stop:0:0`, 'a') + trusted(`${odd}:stop:0`, 'a'),
    'work/.codex/hooks.json': json('Stop', 'a'),
  };
  t.match(place.hooks({ files }).hooks, [{ trustStatus: 'untrusted' }]);
  t.end();
});

t.test('an entry is for one place in a file: a moved hook is not trusted', (t) => {
  const place = placeIn(t.testdir());
  const entry = trusted(`${place.home}/hooks.json:stop:0:0`, 'a');
  const files = { 'home/config.toml': entry, 'home/hooks.json': json('Stop', 'b', 'a') };
  t.match(
    place.hooks({ files }).hooks.map(({ trustStatus }) => trustStatus),
    ['modified', 'untrusted'],
  );
  t.same(
    place.hooks({ files: { 'home/hooks.json': '{}', 'home/config.toml': toml('Stop', 'a') + entry } }).runnable,
    [],
  );
  t.end();
});
