import t from 'tap';
import { machineSecrets, newPassword, windowsSystem } from '../../../../server/sandbox/windows/setup/windows-system.js';
import { notOnWindows, onWindows } from '../../../fixtures/windows.js';

t.test('passwords have all kinds of characters, and are all different', async (t) => {
  const all = Array.from({ length: 200 }, newPassword);
  t.equal(new Set(all).size, 200);
  for (const word of all) {
    t.equal(word.length, 32);
    for (const kind of [/[a-z]/, /[A-Z]/, /[0-9]/, /[^a-zA-Z0-9]/]) t.match(word, kind);
  }
});

t.test('elsewhere there is nothing to load', notOnWindows, async (t) => {
  t.throws(() => windowsSystem(() => Promise.resolve([])), { code: 'machine.native-module' });
});

t.test('secrets are those of this machine', onWindows, async (t) => {
  t.same(machineSecrets.unprotect(machineSecrets.protect(Buffer.from('word'))), Buffer.from('word'));
  t.throws(() => machineSecrets.unprotect(Buffer.from('other')), {
    code: 'sandbox.refused',
    message: /CryptUnprotectData/,
  });
});

t.test(
  "the whole set-up with Wine's calls, which report success and do nothing: a step is named, no marker",
  onWindows,
  async (t) => {
    const { runSetup, removeSetup } = await import('../../../../server/sandbox/windows/setup/setup.js');
    const { readSetup } = await import('../../../../server/sandbox/windows/setup-state.js');
    const codexHome = t.testdir();
    const real = windowsSystem(() => Promise.resolve([{ name: 'a wall', result: 'held' }]));
    const system = { ...real, security: { ...real.security, isElevated: () => true } };
    const options = { codexHome, lanePorts: [20000, 20001], allowLocalBinding: false, readable: [] };
    t.match(await runSetup(options, system), { code: /^(?:folder|group)$/, text: /cannot be/ });
    t.equal(readSetup(codexHome).status, 'notConfigured');
    // A list that is kept leads to the next call that lies.
    const kept = { ...system, lists: { ...system.lists, ...listsInMemory() } };
    t.match(await runSetup(options, kept), { code: 'group', text: /cannot be read back: LookupAccountName .*1332/ });
    t.equal(readSetup(codexHome).status, 'notConfigured');
    t.match(
      await removeSetup(options, kept),
      { code: 'firewall', text: /cannot be read back/ },
      'a removal says what it cannot see',
    );
  },
);

function listsInMemory() {
  const lists = new Map<string, string>();
  return {
    read: (place: string) => ({ sddl: `O:S-1-5-21-1-2-3-1000${lists.get(place) ?? 'D:'}` }),
    write: (place: string, sddl: string) => (lists.set(place, sddl), null),
  };
}
