import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import {
  checkWindowsSandbox,
  windowsFindings,
  type WindowsFacts,
} from '../../../server/doctor/checks/windows-sandbox.js';
import { createContext } from '../../../server/doctor/findings/context.js';
import type { Finding } from '../../../server/doctor/findings/finding.js';
import { NO_OVERRIDES } from '../../../server/config/layers/overrides.js';
import { setupFolder, SETUP_VERSION, type SetupMarker } from '../../../server/sandbox/windows/setup-state.js';
import { onWindows } from '../../fixtures/windows.js';

const account = (name: string) => ({ name, sid: `S-1-5-21-1-2-3-${name.length}` });
const MARKER: SetupMarker = {
  version: SETUP_VERSION,
  users: { offline: account('codexd_off_1'), online: account('codexd_on_1') },
  group: account('codexd_1'),
  lanePorts: [47_001, 47_002],
  allowLocalBinding: false,
  createdAt: '2026-01-02T03:04:05.000Z',
};
const READY: WindowsFacts = {
  settings: { mode: 'elevated', privateDesktop: true },
  setup: { status: 'ready', marker: MARKER },
  allowLocalBinding: false,
  proof: { available: true, kind: 'windows', version: 'elevated' },
};

const findings = (changes: Partial<WindowsFacts>): Record<string, Finding> =>
  Object.fromEntries(windowsFindings({ ...READY, ...changes }).map((finding) => [finding.id, finding]));
const MODE = 'sandbox.windows-mode';
const SETUP = 'sandbox.windows-set-up';
const PROOF = 'sandbox.windows';
const COMMAND = /codexd windows-sandbox-setup --elevate/;

t.test('a sandbox that is chosen, set up and proved', async (t) => {
  const found = findings({});
  t.match(found[MODE], { status: 'ok', what: /"elevated"/ });
  t.match(found[SETUP], { status: 'ok', what: /2026-01-02/, detail: /codexd_off_1 and codexd_on_1.*47001, 47002/ });
  t.match(found[PROOF], { status: 'ok', what: /all walls in place: elevated/ });
});

t.test('a mode that is missing, unknown or not allowed', async (t) => {
  const mode = (settings: WindowsFacts['settings']) => findings({ settings, proof: null });
  t.match(mode({ mode: null, privateDesktop: true })[MODE], { status: 'fail', fix: COMMAND });
  t.match(mode({ mode: 'unknown', privateDesktop: true })[MODE], { status: 'fail', fix: /"elevated" or "unelevated"/ });
  const refused = mode({ mode: 'unelevated', privateDesktop: true, refused: 'not allowed by requirements' });
  t.match(refused[MODE], { status: 'fail', what: 'not allowed by requirements', fix: /administrator/ });
  t.match(refused[PROOF], { status: 'skipped' });
  t.match(mode('line 3 is no TOML')[MODE], { status: 'skipped', detail: /line 3/ });
});

t.test('the state of the set-up, with the command that corrects it', async (t) => {
  const setup = (changes: Partial<WindowsFacts>): Finding | undefined => findings(changes)[SETUP];
  t.match(setup({ setup: { status: 'notConfigured' } }), { status: 'fail', what: /not set up/, fix: COMMAND });
  t.match(setup({ setup: { status: 'updateRequired' } }), { status: 'fail', what: /another version/, fix: COMMAND });
  t.match(setup({ setup: 'EACCES' }), { status: 'fail', what: /EACCES/, fix: COMMAND });
  const own = { mode: 'unelevated', privateDesktop: false } as const;
  t.match(setup({ settings: own, setup: { status: 'notConfigured' } }), { status: 'warn', what: /direct network/ });
  t.match(findings({ settings: own })[MODE], {
    status: 'ok',
    detail: /reads what the person reads.*share the desktop/,
  });
});

t.test('rules for another loopback than what is asked for', async (t) => {
  const open = { status: 'ready', marker: { ...MARKER, allowLocalBinding: true } } as const;
  t.match(findings({ allowLocalBinding: true })[SETUP], { status: 'warn', fix: /--allow-local-binding/ });
  t.match(findings({ setup: open })[SETUP], { status: 'warn', fix: /CODEX_NETWORK_ALLOW_LOCAL_BINDING=1/ });
  t.match(findings({ setup: open, allowLocalBinding: true })[SETUP], { status: 'ok', detail: /may listen/ });
});

t.test('walls that do not stand have their names', async (t) => {
  const proof = { available: false, reason: 'UDP on loopback (leaked)', fix: 'set it up again' } as const;
  t.match(findings({ proof })[PROOF], { status: 'fail', what: /UDP on loopback/, fix: 'set it up again' });
});

t.test('under Wine every wall is missing, and a marker alone does not help', onWindows, async (t) => {
  const home = t.testdir({ 'config.toml': '[windows]\nsandbox = "elevated"\n' });
  const context = () =>
    createContext({ env: { ...process.env, CODEX_HOME: home }, network: false, commandLine: NO_OVERRIDES });
  const before = await checkWindowsSandbox(await context());
  t.match(before, [
    { id: MODE, status: 'ok' },
    { id: SETUP, status: 'fail', fix: COMMAND },
    { id: PROOF, status: 'fail' },
  ]);
  fs.mkdirSync(setupFolder(home));
  fs.writeFileSync(path.join(setupFolder(home), 'setup.json'), JSON.stringify(MARKER));
  const after = await checkWindowsSandbox(await context());
  t.match(after, [{ status: 'ok' }, { id: SETUP, status: 'ok' }, { id: PROOF, status: 'fail' }]);
});
