import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { installationId } from '../../../server/sessions/model/installation-id.js';

t.test('it is made once, for this user alone, and read afterwards', (t) => {
  const home = t.testdir();
  const id = installationId(home);
  t.match(id, /^[0-9a-f-]{36}$/);
  t.equal(installationId(home), id);
  t.equal(fs.statSync(path.join(home, 'installation_id')).mode & 0o777, 0o600);
  fs.writeFileSync(path.join(home, 'installation_id'), ' of-another-program\n');
  t.equal(installationId(home), 'of-another-program');
  t.end();
});

t.test('without a place for it, it stays the same in this process', (t) => {
  const missing = path.join(t.testdir(), 'none');
  t.equal(installationId(missing), installationId(missing));
  t.end();
});
