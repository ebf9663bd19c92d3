import t from 'tap';
import { provedBy } from '../../../../server/sandbox/windows/setup/setup-proof.js';
import type { ProvedWall } from '../../../../server/sandbox/windows/setup/setup-system.js';
import type { WindowsParts } from '../../../../server/sandbox/windows/run/windows-sandbox.js';
import type { SetupMarker } from '../../../../server/sandbox/windows/setup-state.js';

const MARKER: SetupMarker = {
  version: 1,
  users: {
    offline: { name: 'codexd_off_1', sid: 'S-1-5-21-1-2-3-1001' },
    online: { name: 'codexd_on_1', sid: 'S-1-5-21-1-2-3-1002' },
  },
  group: { name: 'codexd_1', sid: 'S-1-5-21-1-2-3-1003' },
  lanePorts: [20000, 20001],
  allowLocalBinding: false,
  createdAt: '2026-11-30T12:00:00Z',
};
const PARTS: WindowsParts = {
  launcher: ['launcher'],
  readSetup: () => ({ status: 'notConfigured' }),
  apply: () => Promise.resolve({ capabilities: [], release: () => undefined }),
  prove: () => Promise.resolve({ ok: true }),
};

t.test('both users are proved with the marker that is not written yet, and the first hole ends it', async (t) => {
  const home = t.testdir();
  const run = async (result: ProvedWall['result']) => {
    const asked: unknown[] = [];
    const walls = await provedBy(home, MARKER, PARTS, (_home, identity, setup) => {
      asked.push([identity, setup]);
      return Promise.resolve([{ name: 'writing outside', result }]);
    });
    return { asked, walls };
  };
  t.strictSame(await run('held'), {
    asked: [
      [{ user: 'online', path: 'logon' }, MARKER],
      [{ user: 'offline', path: 'logon' }, MARKER],
    ],
    walls: [
      { name: 'online: writing outside', result: 'held' },
      { name: 'offline: writing outside', result: 'held' },
    ],
  });
  t.strictSame((await run('leaked')).walls, [{ name: 'online: writing outside', result: 'leaked' }]);
});
