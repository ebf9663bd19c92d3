import fs from 'node:fs';
import t from 'tap';
import { readiness } from '../../../server/services/windows-sandbox/readiness.js';
import { setupFolder, writeMarker } from '../../../server/sandbox/windows/setup-state.js';

t.test('readiness by system, mode and set-up', async (t) => {
  const codexHome = t.testdir();
  const of = (mode: Parameters<typeof readiness>[0]['mode'], windows = true, allowLocalBinding = false) =>
    readiness({ codexHome, mode, allowLocalBinding }, windows);
  t.equal(of('elevated', false), 'notConfigured', 'not on Windows');
  t.equal(of(null), 'notConfigured');
  t.equal(of('unknown'), 'notConfigured');
  t.equal(of('unelevated'), 'ready');
  t.equal(of('elevated'), 'updateRequired', 'no set-up');
  fs.mkdirSync(setupFolder(codexHome));
  writeMarker(codexHome, {
    version: 1,
    users: {
      offline: { name: 'codexd_off', sid: 'S-1-5-21-1-2-3-1001' },
      online: { name: 'codexd_on', sid: 'S-1-5-21-1-2-3-1002' },
    },
    group: { name: 'codexd_1', sid: 'S-1-5-21-1-2-3-1003' },
    lanePorts: [20000, 20001],
    allowLocalBinding: false,
    createdAt: '2026-11-30T12:00:00Z',
  });
  t.equal(of('elevated'), 'ready');
  t.equal(of('elevated', true, true), 'updateRequired', 'the rules are others than wanted');
});
