import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { createConfigService } from '../../../server/config/settings/config-service.js';
import { windowsSandboxMethods } from '../../../server/services/windows-sandbox/windows-sandbox-methods.js';
import type { RunSetup, SetupCall } from '../../../server/services/windows-sandbox/setup-here.js';
import type { Caller, RequestContext } from '../../../server/rpc/connection/caller.js';
import { until } from '../../fixtures/until.js';

function scene(t: Test, setup: RunSetup, requirements = '') {
  const root = t.testdir({ home: {}, system: { 'requirements.toml': requirements } });
  const codexHome = path.join(root, 'home');
  const sent: (readonly [string, unknown])[] = [];
  const calls: SetupCall[] = [];
  const methods = windowsSandboxMethods({
    codexHome,
    source: createConfigService({ codexHome, env: { CODEXD_SYSTEM_CONFIG_DIR: path.join(root, 'system') } }),
    outbox: { broadcast: (method: string, params: unknown) => void sent.push([method, params]) },
    env: { CODEX_NETWORK_ALLOW_LOCAL_BINDING: '1' },
    log: { warn: () => undefined },
    setup: async (call) => {
      calls.push(call);
      return await setup(call);
    },
  });
  const start = async (mode: 'elevated' | 'unelevated', cwd: string | null = null) => {
    const after: (() => void)[] = [];
    const context: RequestContext = { requestId: 1, afterAnswer: (work) => void after.push(work) };
    const answer = await methods['windowsSandbox/setupStart']({ mode, cwd }, {} as Caller, context);
    t.strictSame(answer, { started: true });
    for (const work of after) work();
  };
  const config = (): string => {
    const file = path.join(codexHome, 'config.toml');
    return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
  };
  return { sent, calls, start, config, methods };
}

const fine: RunSetup = () => Promise.resolve({ failure: null, worldWritable: null });

t.test('a set-up that succeeds chooses the sandbox in the configuration', async (t) => {
  const { sent, calls, start, config } = scene(t, fine);
  await start('elevated', '/work');
  await until(() => sent.length === 1, 'it is completed');
  t.strictSame(sent, [['windowsSandbox/setupCompleted', { mode: 'elevated', success: true, error: null }]]);
  t.match(config(), /\[windows\]\nsandbox = "elevated"/);
  t.match(calls, [{ mode: 'elevated', cwd: '/work', allowLocalBinding: true }]);
});

t.test('one that fails says its code and leaves the configuration', async (t) => {
  const failing: RunSetup = () =>
    Promise.resolve({ failure: { code: 'firewall', text: 'it is off' }, worldWritable: null });
  const { sent, start, config } = scene(t, failing);
  await start('elevated');
  await until(() => sent.length === 1, 'it is completed');
  t.strictSame(sent, [
    ['windowsSandbox/setupCompleted', { mode: 'elevated', success: false, error: 'firewall: it is off' }],
  ]);
  t.equal(config(), '');
});

t.test('folders that everyone may write to are a warning', async (t) => {
  const open: RunSetup = () =>
    Promise.resolve({
      failure: null,
      worldWritable: { paths: ['C:\\a', 'C:\\b', 'C:\\c', 'C:\\d', 'C:\\e'], failed: false },
    });
  const { sent, start, config } = scene(t, open);
  await start('unelevated');
  await until(() => sent.length === 2, 'it is completed');
  t.strictSame(sent[0], [
    'windows/worldWritableWarning',
    { samplePaths: ['C:\\a', 'C:\\b', 'C:\\c'], extraCount: 2, failedScan: false },
  ]);
  t.match(config(), /sandbox = "unelevated"/);
});

t.test('what the requirements do not allow is not begun', async (t) => {
  for (const [line, pattern] of [
    ['allowed_sandbox_implementations = ["unelevated"]', /not_allowed: .*allowed are \[unelevated\]/],
    ['require_mxc = true', /not_allowed: .*mxc/],
  ] as const) {
    const { sent, calls, start } = scene(t, fine, `[windows]\n${line}\n`);
    await start('elevated');
    await until(() => sent.length === 1, 'it is completed');
    t.match(sent[0]?.[1], { success: false, error: pattern });
    t.strictSame(calls, []);
  }
});

t.test('set-ups follow each other, also after one that breaks', async (t) => {
  let running = 0;
  const steps: string[] = [];
  const { sent, start } = scene(t, async ({ mode }) => {
    running++;
    steps.push(`${mode} ${running}`);
    await new Promise(setImmediate);
    running--;
    if (mode === 'unelevated') throw new RangeError('broken');
    return { failure: null, worldWritable: null };
  });
  await start('unelevated');
  await start('elevated');
  await start('elevated');
  await until(() => sent.length === 3, 'all are completed');
  t.strictSame(steps, ['unelevated 1', 'elevated 1', 'elevated 1']);
  t.match(sent[0]?.[1], { success: false, error: /broken/ });
});

t.test('readiness is asked without params', async (t) => {
  const { methods } = scene(t, fine);
  const answer = await methods['windowsSandbox/readiness'](null, {} as Caller, {
    requestId: 1,
    afterAnswer: () => undefined,
  });
  t.match(answer, { status: /^(?:notConfigured|updateRequired)$/ });
});
