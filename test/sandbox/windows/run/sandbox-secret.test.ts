import fs from 'node:fs';
import t from 'tap';
import { sandboxSecret } from '../../../../server/sandbox/windows/run/sandbox-secret.js';
import { setupFolder, writePasswords } from '../../../../server/sandbox/windows/setup-state.js';

const secrets = {
  protect: (plain: Buffer) => Buffer.concat([Buffer.from('!'), plain]),
  unprotect: (b: Buffer) => b.subarray(1),
};

t.test('a password is read with what encrypted it', async (t) => {
  const home = t.testdir();
  t.throws(() => sandboxSecret(home, 'offline', secrets), {
    code: 'sandbox.refused',
    message: /no password of the user `offline`.*windows-sandbox-setup/,
  });
  fs.mkdirSync(setupFolder(home));
  writePasswords(home, { offline: 'one', online: 'two' }, secrets);
  t.equal(sandboxSecret(home, 'offline', secrets), 'one');
  t.equal(sandboxSecret(home, 'online', secrets), 'two');
  const broken = {
    unprotect: (): never => {
      throw new TypeError('another machine');
    },
  };
  t.throws(() => sandboxSecret(home, 'online', broken), { code: 'sandbox.refused', message: /another machine/ });
});
