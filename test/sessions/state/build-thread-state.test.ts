import path from 'node:path';
import t from 'tap';
import {
  changedThreadState,
  continuedThreadState,
  newThreadState,
} from '../../../server/sessions/state/build-thread-state.js';
import { storedSettingsBefore, type StoredThread } from '../../../server/sessions/state/stored-state.js';
import { permissionProfileRecord } from '../../../server/sessions/live/settings-record.js';
import { makeHome, type TestHome } from '../../config/home.js';
import type { ConfigService } from '../../../server/config/settings/config-service.js';
import type { RequestedSettings } from '../../../server/sessions/state/requested-settings.js';
import type { StoredSettings } from '../../../server/sessions/store/records/thread-store.js';

const continuedFrom = (source: ConfigService, wishes: RequestedSettings, stored: StoredThread) =>
  continuedThreadState(source, wishes, storedSettingsBefore(stored));

const BASE = `model = "mock"\nmodel_provider = "mock"\nsandbox_mode = "read-only"\napproval_policy = "never"\n[model_providers.mock]\nname = "Mock"\nbase_url = "http://127.0.0.1:9/v1"\n[model_providers.other]\nname = "Other"\nbase_url = "http://127.0.0.1:9/v1"\n`;
const READ = { type: 'readOnly', networkAccess: false };
const WRITE = {
  type: 'workspaceWrite',
  writableRoots: [],
  networkAccess: false,
  excludeTmpdirEnvVar: false,
  excludeSlashTmp: false,
};
const FULL = { type: 'dangerFullAccess' };

t.test('a new thread: parameters, then its config, then the files', (t) => {
  const h = makeHome(t, { config: BASE });
  const rows: readonly [wishes: RequestedSettings, wire: object, why: string][] = [
    [
      {},
      {
        model: 'mock',
        modelProvider: 'mock',
        cwd: h.work,
        approvalPolicy: 'never',
        approvalsReviewer: 'user',
        sandboxPolicy: READ,
        activePermissionProfile: null,
        serviceTier: null,
        effort: null,
        environments: [{ environmentId: 'local', cwd: h.work, runtimeWorkspaceRoots: [h.work] }],
        collaborationMode: { mode: 'default', settings: { model: 'mock', reasoning_effort: null } },
      },
      'the files',
    ],
    [{ config: { model: 'c', model_reasoning_effort: 'high' } }, { model: 'c', effort: 'high' }, 'its config'],
    [{ model: 'p', config: { model: 'c' } }, { model: 'p' }, 'a parameter before its config'],
    [{ modelProvider: 'other' }, { modelProvider: 'other' }, 'a provider'],
    [{ config: { model_provider: 'other' } }, { modelProvider: 'other' }, 'a provider by config'],
    [{ sandbox: 'workspace-write' }, { sandboxPolicy: WRITE, activePermissionProfile: null }, 'a mode'],
    [
      { permissions: ':workspace' },
      { sandboxPolicy: WRITE, activePermissionProfile: { id: ':workspace', extends: null } },
      'a profile',
    ],
    [
      { sandbox: 'workspace-write', runtimeWorkspaceRoots: ['/x', '/x', '/y/../z'] },
      {
        sandboxPolicy: { type: 'workspaceWrite', writableRoots: ['/x', '/z', '/tmp'] },
        environments: [{ cwd: h.work, runtimeWorkspaceRoots: ['/x', '/z'] }],
      },
      'other roots',
    ],
    [{ environments: [] }, { environments: [] }, 'no environment'],
    [{ environments: [{ environmentId: 'local', cwd: '/a' }] }, { cwd: h.work, environments: [{ cwd: '/a' }] }, 'one'],
    [{ cwd: 'a/../b' }, { cwd: path.join(h.work, 'b') }, 'a relative folder, normalised'],
    [{ cwd: '' }, { cwd: h.work }, "the daemon's own"],
    [{ cwd: '~/x' }, { cwd: path.join(h.root, 'user', 'x') }, "the user's home"],
    [{ cwd: '/does/not/exist/..' }, { cwd: '/does/not' }, 'whether it exists is not asked'],
    [{ approvalPolicy: 'untrusted' }, { approvalPolicy: 'untrusted' }, 'a policy'],
    [{ approvalsReviewer: 'guardian_subagent' }, { approvalsReviewer: 'auto_review' }, 'an older name'],
    [{ serviceTier: null }, { serviceTier: 'default' }, 'null is the usual tier'],
    [{ serviceTier: 'flex' }, { serviceTier: 'flex' }, 'a tier that every model takes'],
    [{ serviceTier: 'fast' }, { serviceTier: null }, 'one that this model does not'],
    [{ personality: 'friendly' }, { personality: 'friendly' }, 'a personality'],
  ];
  for (const [wishes, wire, why] of rows) t.match(newThreadState(h.source, wishes).state.wire, wire, why);
  t.match(newThreadState(h.source, { serviceTier: 'fast' }).warnings, [/service tier `priority` is not known/]);
  t.match(newThreadState(h.source, { config: { bogus: 1 } }).warnings, [/bogus/]);
  t.end();
});

t.test('the reasons to refuse a new thread', (t) => {
  const h = makeHome(t, { config: BASE });
  const rows: readonly [wishes: RequestedSettings, message: string | RegExp][] = [
    [{ model: '' }, 'No models are available. Set `model` explicitly or check your model catalog configuration.'],
    [{ config: { model: ' ' } }, /^No models are available/],
    [{ modelProvider: 'nope' }, 'failed to load configuration: Model provider `nope` not found'],
    [{ permissions: 'nope' }, 'failed to load configuration: default_permissions requires a `[permissions]` table'],
    [{ permissions: '' }, 'failed to load configuration: default_permissions requires a `[permissions]` table'],
    [{ permissions: ':x', sandbox: 'read-only' }, '`permissions` cannot be combined with `sandbox`'],
    [
      { config: { approval_policy: 'untrusted' } },
      'failed to load configuration: approval_policy = "untrusted" is no longer supported; remove this setting',
    ],
    [
      { config: { model: 5 } },
      'failed to load configuration: invalid type: integer `5`, expected a string\nin `model`\n',
    ],
    [
      { config: { model_instructions_file: '/nope/x' } },
      'failed to load configuration: failed to read model instructions file /nope/x: No such file or directory (os error 2)',
    ],
    [{ environments: [{ environmentId: 'x', cwd: '/a' }] }, 'unknown turn environment id `x`'],
    [
      { environments: [{ environmentId: 'local', cwd: 'a' }] },
      'invalid cwd for environment `local`: path `a` does not use absolute POSIX or Windows path syntax',
    ],
    [
      {
        environments: [
          { environmentId: 'local', cwd: '/a' },
          { environmentId: 'local', cwd: '/b' },
        ],
      },
      'duplicate turn environment id `local`',
    ],
  ];
  for (const [wishes, message] of rows)
    t.throws(() => newThreadState(h.source, wishes), { rpcCode: -32600, message }, JSON.stringify(wishes));
  t.end();
});

const meta = (h: TestHome, more: object = {}) => ({
  id: '0199aaaa-0000-7000-8000-000000000001',
  timestamp: '2026-01-01T00:00:00.000Z',
  cwd: path.join(h.work, 'then'),
  originator: 'o',
  cli_version: '0',
  model_provider: 'mock',
  ...more,
});

t.test('a continued thread keeps its settings, unless the request changes them', (t) => {
  const h = makeHome(t, { config: BASE });
  const before = newThreadState(h.source, {
    cwd: 'then',
    sandbox: 'workspace-write',
    approvalPolicy: 'on-request',
  }).state;
  const settings: StoredSettings = {
    model: 'old',
    modelProvider: 'other',
    effort: 'high',
    approvalPolicy: 'on-request',
    approvalsReviewer: 'auto_review',
    permissionProfile: permissionProfileRecord(before.profile, before.runtimeWorkspaceRoots),
    cwd: path.join(h.work, 'then'),
    collaborationMode: {
      mode: 'plan',
      settings: { model: 'old', reasoning_effort: 'high', developer_instructions: 'D' },
    },
    personality: 'pragmatic',
    summary: 'detailed',
  };
  const stored = { meta: meta(h, { base_instructions: { text: 'BASE' } }), settings };
  const run = (wishes: RequestedSettings, more: StoredSettings = {}) =>
    continuedFrom(h.source, wishes, { ...stored, settings: { ...settings, ...more } });
  const kept = run({});
  t.strictSame(kept.warnings, []);
  t.equal(kept.state.baseInstructions, 'BASE');
  t.match(kept.state.wire, {
    model: 'old',
    modelProvider: 'other',
    effort: 'high',
    cwd: path.join(h.work, 'then'),
    approvalPolicy: 'on-request',
    approvalsReviewer: 'auto_review',
    sandboxPolicy: WRITE,
    collaborationMode: { mode: 'plan', settings: { developer_instructions: 'D' } },
    personality: 'pragmatic',
    summary: 'detailed',
  });
  t.strictSame(kept.state.profile, before.profile, 'the profile names the workspace roots again');

  const rows: readonly [wishes: RequestedSettings, wire: object, why: string, more?: StoredSettings][] = [
    [{ cwd: '/else' }, { cwd: '/else', sandboxPolicy: WRITE }, 'the workspace moves with the folder'],
    [{ sandbox: 'read-only' }, { sandboxPolicy: READ }, 'a mode'],
    [{ config: { sandbox_mode: 'danger-full-access' } }, { sandboxPolicy: FULL }, 'a mode by its config'],
    [{ model: 'm' }, { model: 'm', effort: 'high', collaborationMode: { settings: { model: 'm' } } }, 'a model'],
    [{ config: { model_reasoning_effort: 'low' } }, { model: 'old', effort: 'low' }, 'an effort by its config'],
    [{ approvalPolicy: 'never' }, { approvalPolicy: 'never' }, 'a policy'],
    [{ config: { approval_policy: 'never' } }, { approvalPolicy: 'never' }, 'a policy by its config'],
    [{ modelProvider: 'mock' }, { modelProvider: 'mock' }, 'a provider'],
    [{}, { approvalPolicy: 'on-request' }, 'a policy that is gone', { approvalPolicy: 'on-failure' }],
    [{}, { approvalPolicy: 'never' }, 'one that nobody knows: the configured', { approvalPolicy: 'whatever' }],
    [{}, { model: 'mock' }, 'a blank model: the configured', { model: '' }],
    [
      {},
      { sandboxPolicy: WRITE, activePermissionProfile: { id: ':workspace' } },
      'a profile by name',
      { activePermissionProfile: { id: ':workspace' } },
    ],
    [
      {},
      { sandboxPolicy: { type: 'workspaceWrite', writableRoots: ['/q'], networkAccess: true } },
      'what older versions wrote',
      {
        permissionProfile: null,
        sandboxPolicy: { type: 'workspace-write', writable_roots: ['/q'], network_access: true },
      },
    ],
    [{}, { sandboxPolicy: FULL }, 'full access', { permissionProfile: { type: 'disabled' } }],
    [{}, { sandboxPolicy: READ }, 'nothing written: the configured', { permissionProfile: null }],
  ];
  for (const [wishes, wire, why, more] of rows) t.match(run(wishes, more).state.wire, wire, why);
  t.end();
});

t.test('a policy that is not understood is replaced by the configured one, with a warning', (t) => {
  const h = makeHome(t, { config: BASE });
  const entry = (place: unknown, access = 'write') => ({
    type: 'managed',
    file_system: { type: 'restricted', entries: [{ path: place, access }] },
    network: 'restricted',
  });
  const rows: readonly [stored: unknown, why: string][] = [
    ['x', 'no object'],
    [{ type: 'future' }, 'another kind'],
    [{ type: 'managed', network: 'restricted' }, 'no files'],
    [{ ...entry({ type: 'path', path: '/a' }), network: 'maybe' }, 'an unknown network'],
    [entry({ type: 'path', path: 'a' }), 'a relative path'],
    [entry({ type: 'special', value: { kind: 'unknown', path: ':x' } }), 'an unknown special'],
    [entry({ type: 'path', path: '/a' }, 'execute'), 'an unknown access'],
    [entry({ type: 'glob_pattern', pattern: '/a/*' }, 'write'), 'a glob that would grant'],
    [entry({ type: 'special', value: { kind: 'project_roots', subpath: '../x' } }), 'a way out of the roots'],
  ];
  for (const [permissionProfile, why] of rows) {
    const { state, warnings } = continuedFrom(h.source, {}, { meta: meta(h), settings: { permissionProfile } });
    t.match(state.wire.sandboxPolicy, READ, why);
    t.match(warnings, [/recorded in a form that codexd does not know/], why);
  }
  const gone = continuedFrom(
    h.source,
    {},
    {
      meta: meta(h),
      settings: { permissionProfile: { type: 'disabled' }, activePermissionProfile: { id: 'gone' } },
    },
  );
  t.match(gone.state.wire, { sandboxPolicy: FULL, activePermissionProfile: null }, 'what it allowed is known');
  t.match(gone.warnings, [/`gone` of this thread cannot be used any more/]);
  t.end();
});

t.test('requirements also apply to stored settings', (t) => {
  const h = makeHome(t, { config: BASE });
  h.systemFile(
    'requirements.toml',
    'allowed_sandbox_modes = ["read-only"]\nallowed_approval_policies = ["on-request"]\n',
  );
  const { state, warnings } = continuedFrom(
    h.source,
    {},
    {
      meta: meta(h),
      settings: { permissionProfile: { type: 'disabled' }, approvalPolicy: 'untrusted' },
    },
  );
  t.match(state.wire, { sandboxPolicy: READ, approvalPolicy: 'on-request' });
  t.match(warnings.join('\n'), /approval_policy[^]*sandbox_mode/);
  t.end();
});

t.test('a missing provider is named, and cannot be replaced', (t) => {
  const h = makeHome(t, { config: BASE });
  const gone = {
    rpcCode: -32600,
    message:
      'This chat uses model provider “gone”, which is no longer configured. Restore this provider’s configuration to continue.',
    data: { type: 'modelProviderNotConfigured', modelProvider: 'gone' },
  };
  const stored = (provider: string) => ({ meta: meta(h, { model_provider: provider }), settings: {} });
  t.throws(() => continuedFrom(h.source, {}, stored('gone')), gone);
  t.throws(() => continuedFrom(h.source, { modelProvider: 'mock' }, stored('gone')), gone);
  t.throws(() => continuedFrom(h.source, { modelProvider: 'gone' }, stored('mock')), gone);
  t.equal(continuedFrom(h.source, {}, stored('openai')).state.wire.modelProvider, 'openai', 'built in');
  t.end();
});

t.test('a change of a loaded thread', (t) => {
  const h = makeHome(t, { config: BASE });
  const { state } = newThreadState(h.source, { sandbox: 'workspace-write', config: { model: 'own' } });
  const rows: readonly [wishes: RequestedSettings, wire: object, why: string][] = [
    [{}, state.wire, 'nothing'],
    [{ model: 'm' }, { model: 'm', collaborationMode: { settings: { model: 'm' } }, sandboxPolicy: WRITE }, 'a model'],
    [{ effort: 'high' }, { effort: 'high', model: 'own' }, 'an effort'],
    [
      {
        model: 'm',
        effort: 'low',
        collaborationMode: {
          mode: 'plan',
          settings: { model: 'p', reasoning_effort: 'high', developer_instructions: null },
        },
      },
      {
        model: 'p',
        effort: 'high',
        collaborationMode: { mode: 'plan', settings: { model: 'p', reasoning_effort: 'high' } },
      },
      "a collaboration mode's settings win",
    ],
    [{ cwd: 'x' }, { cwd: path.join(h.work, 'x'), sandboxPolicy: WRITE, model: 'own' }, 'a folder, and its workspace'],
    [
      { sandboxPolicy: { type: 'dangerFullAccess' } },
      { sandboxPolicy: FULL, activePermissionProfile: null },
      'a policy',
    ],
    [
      { permissions: ':read-only' },
      { sandboxPolicy: READ, activePermissionProfile: { id: ':read-only' } },
      'a profile',
    ],
    [{ serviceTier: 'fast' }, { serviceTier: 'priority' }, 'a tier'],
    [{ serviceTier: null }, { serviceTier: 'default' }, 'the usual tier'],
    [
      { approvalPolicy: 'on-request', sandboxPolicy: null },
      { approvalPolicy: 'on-request', sandboxPolicy: WRITE },
      'who is asked',
    ],
    [{ disabledPluginIds: ['p'] }, { disabledPluginIds: ['p'] }, 'plugins'],
  ];
  for (const [wishes, wire, why] of rows) t.match(changedThreadState(h.source, state, wishes).state.wire, wire, why);
  t.strictSame(changedThreadState(h.source, state, {}).state.wire, state.wire);
  t.throws(() => changedThreadState(h.source, state, { model: ' ' }), { message: /^No models are available/ });

  h.config('sandbox_mode = "bogus"');
  t.equal(changedThreadState(h.source, state, { model: 'm' }).state.wire.model, 'm', 'a broken file is no obstacle');
  t.throws(() => changedThreadState(h.source, state, { cwd: '/x' }), { message: /^failed to load configuration: / });

  h.config(BASE);
  t.throws(() => changedThreadState(h.source, state, { permissions: ':nope' }), {
    message: 'failed to load configuration: default_permissions refers to unknown built-in profile `:nope`',
  });
  h.systemFile('requirements.toml', 'allowed_sandbox_modes = ["read-only"]\nallowed_approval_policies = ["never"]\n');
  const refused: readonly [RequestedSettings, RegExp][] = [
    [
      { sandboxPolicy: { type: 'dangerFullAccess' } },
      /^invalid thread settings override: invalid value for `sandbox_mode`/,
    ],
    [{ permissions: ':workspace' }, /^invalid thread settings override: invalid value for `sandbox_mode`/],
    [{ approvalPolicy: 'on-request' }, /^invalid thread settings override: invalid value for `approval_policy`/],
  ];
  for (const [wishes, message] of refused)
    t.throws(() => changedThreadState(h.source, state, wishes), { rpcCode: -32600, message }, JSON.stringify(wishes));
  t.end();
});
