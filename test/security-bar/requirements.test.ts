/**
 * Security bar, cases 117 to 128 and 163 to 166: the administrator's requirements.toml applies on every path to a
 * command, whatever users, projects, models and clients write.
 */
import { execa } from 'execa';
import fs from 'node:fs';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import t from 'tap';
import type { Client } from '../../clients/typescript/index.js';
import { startDaemon, type TestDaemon } from '../fixtures/daemon.js';
import { items, say, startModelServer, type ModelServer } from '../fixtures/model-server.js';
import { packageRoot } from '../../server/package/package-root.js';
import { exec, outputOf, runTurn } from '../fixtures/turn-scene.js';
import { elapse, until } from '../fixtures/until.js';

t.setTimeout(240_000);

interface Managed {
  readonly daemon: TestDaemon;
  readonly client: Client;
  readonly model: ModelServer;
  readonly system: string;
  readonly at: (...parts: string[]) => string;
}

/**
 * A daemon under these requirements. `files`: the content of its working folder and home. `model`: the configuration.
 */
async function managed(
  t: { teardown(fn: () => unknown): unknown },
  requirements: string,
  { config = '', rules = '', files = {}, args = [] as string[], model: configured = 'model = "mock-model"\n' } = {},
): Promise<Managed> {
  const root = fs.realpathSync(fs.mkdtempSync('/var/tmp/codexd-managed-'));
  const system = path.join(root, 'system');
  for (const [name, text] of Object.entries({
    ...files,
    'system/requirements.toml': requirements.replaceAll('ROOT', root),
    ...(rules === '' ? {} : { 'home/rules/default.rules': rules }),
  })) {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), text);
  }
  const model = await startModelServer();
  const daemon = await startDaemon({
    root,
    env: { CODEXD_SYSTEM_CONFIG_DIR: system },
    args,
    config: `${configured}model_provider = "mock"\n${config.replaceAll('ROOT', root).replaceAll('MODEL', model.url)}\n[model_providers.mock]\nname = "Mock"\nbase_url = "${model.url}"\nrequest_max_retries = 0\nstream_max_retries = 0\n`,
  });
  t.teardown(async () => {
    await daemon.stop();
    await model.close();
    fs.rmSync(root, { recursive: true, force: true });
  });
  return { daemon, client: await daemon.connect(), model, system, at: (...parts) => path.join(root, ...parts) };
}

/** The answer, or the error's message. */
async function said(work: Promise<unknown>): Promise<string> {
  try {
    return JSON.stringify(await work);
  } catch (error) {
    return (error as Error).message;
  }
}

const shell = ({ client, daemon }: Managed, script: string, more: object = {}) =>
  said(client.request('command/exec', { command: ['sh', '-c', script], cwd: daemon.work, ...more }));

async function spawned({ client, daemon }: Managed, script: string): Promise<string> {
  const processHandle = `p${Math.random()}`;
  const end = new Promise<string>((resolve) => {
    client.onNotification('process/exited', (params) => {
      if (params.processHandle === processHandle) resolve(params.stdout + params.stderr);
    });
  });
  const answer = await said(
    client.request('process/spawn', { command: ['bash', '-c', script], cwd: daemon.work, processHandle }),
  );
  return answer === '{}' ? end : answer;
}

/** The result of the person's own shell command in a thread. */
async function typed({ client }: Managed, threadId: string, command: string): Promise<string> {
  const end = new Promise<string>((resolve) => {
    client.onNotification('item/completed', ({ item }) => {
      if (item.type === 'commandExecution' && item.source === 'userShell') resolve(item.aggregatedOutput ?? '');
    });
  });
  await client.request('thread/shellCommand', { threadId, command });
  return end;
}

async function modelRuns({ client, model }: Managed, threadId: string, script: string, more: object = {}) {
  const id = `call-${Math.random()}`;
  model.push(items(exec(id, script, more)), say('done'));
  await runTurn(client, threadId, 'go');
  return outputOf(model, id) ?? '';
}

const startThread = async ({ client, daemon }: Managed, more: object = {}): Promise<string> =>
  (await client.request('thread/start', { cwd: daemon.work, ...more })).thread.id;

t.test('case 117: nothing bypasses allowed_sandbox_modes', async (t) => {
  const m = await managed(t, 'allowed_sandbox_modes = ["read-only", "workspace-write"]\n', {
    config: 'sandbox_mode = "workspace-write"\napproval_policy = "on-request"\n',
    rules: 'prefix_rule(pattern=["touch"], decision="allow")\n',
  });
  const outside = m.at('outside');
  const refusal = /`DangerFullAccess` is not in the allowed set \[ReadOnly, WorkspaceWrite\]/;
  m.client.onRequest('item/commandExecution/requestApproval', () => ({ decision: 'accept' }));
  m.client.onRequest('item/fileChange/requestApproval', () => ({ decision: 'accept' }));
  const thread = await startThread(m);
  t.match(await spawned(m, `touch ${outside}`), refusal, 'process/spawn');
  t.match(await typed(m, thread, `touch ${outside}`), refusal, 'thread/shellCommand');
  t.match(await shell(m, `touch ${outside}`, { sandboxPolicy: { type: 'dangerFullAccess' } }), refusal);
  for (const networkAccess of ['enabled', 'restricted']) {
    const sandboxPolicy = { type: 'externalSandbox', networkAccess };
    t.match(await shell(m, `touch ${outside}`, { sandboxPolicy }), /`ExternalSandbox` is not in the allowed set/);
  }
  const escalated = { sandbox_permissions: 'require_escalated', justification: 'why' };
  t.match(await modelRuns(m, thread, `touch ${outside}`, escalated), refusal, 'an escalation that a person approves');
  await modelRuns(m, thread, `touch ${outside}`);
  t.notOk(fs.existsSync(outside), 'an allowing rule lifts no sandbox');
  await modelRuns(m, thread, 'touch inside');
  t.ok(fs.existsSync(m.at('work', 'inside')), 'and what the sandbox allows goes on');
});

t.test('case 118: with the managed proxy no command has any other network', async (t) => {
  const m = await managed(t, '[experimental_network]\nenabled = true\n', {
    config: 'sandbox_mode = "danger-full-access"\napproval_policy = "never"\n',
  });
  let reached = 0;
  const server = net.createServer((socket) => {
    reached++;
    socket.on('error', () => {}).end('HELLO');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.teardown(() => void server.close());
  const probe = `exec 3<>/dev/tcp/127.0.0.1/${(server.address() as AddressInfo).port} && cat <&3 || echo closed`;
  const thread = await startThread(m);
  t.notMatch(await spawned(m, probe), /HELLO/);
  t.notMatch(await typed(m, thread, `bash -c '${probe}'`), /HELLO/);
  t.notMatch(await modelRuns(m, thread, probe), /HELLO/, 'a turn with full access');
  for (const type of ['dangerFullAccess', 'externalSandbox']) {
    for (const networkAccess of ['enabled', 'restricted']) {
      const command = ['bash', '-c', probe];
      await said(m.client.request('command/exec', { command, sandboxPolicy: { type, networkAccess } } as never));
    }
  }
  t.equal(reached, 0);
});

t.test('case 119: rules files cannot allow what requirements forbid', async (t) => {
  const rule = (word: string, more: string): string => `{ pattern = [{ token = "${word}" }], ${more} }`;
  const m = await managed(
    t,
    `[rules]\nprefix_rules = [${rule('touch', 'decision = "forbidden", justification = "not here"')}, ${rule('printf', 'decision = "prompt"')}]\n`,
    {
      config: 'sandbox_mode = "workspace-write"\napproval_policy = "on-request"\n',
      rules: 'prefix_rule(pattern=["touch"], decision="allow")\nprefix_rule(pattern=["printf"], decision="allow")\n',
    },
  );
  let asked = 0;
  m.client.onRequest('item/commandExecution/requestApproval', () => {
    asked++;
    return { decision: 'cancel' };
  });
  const thread = await startThread(m);
  for (const script of ['touch a', '/usr/bin/touch a', 'true && touch a', 'sh -c "touch a"']) {
    t.match(await modelRuns(m, thread, script), /rejected: not here/, script);
  }
  t.notOk(fs.existsSync(m.at('work', 'a')));
  await modelRuns(m, thread, 'printf x');
  t.equal(asked, 1, 'what is to be asked about is asked about');
});

t.test('case 120: nothing reads the files in deny_read', async (t) => {
  const m = await managed(t, '[permissions.filesystem]\ndeny_read = ["ROOT/secret", "ROOT/work/**/*.key"]\n', {
    files: { 'secret/deep/s': 'SECRET', 'work/a/b.key': 'SECRET', 'work/ok': 'fine' },
    config: `default_permissions = "p"\n[permissions.p.filesystem]\n":root" = "read"\n"ROOT/secret/deep" = "read"\n"ROOT/secret/deep/s" = "write"\n"ROOT/work/a/b.key" = "read"\n`,
  });
  fs.symlinkSync(m.at('secret'), m.at('work', 'link'));
  const read = `cat ok ${m.at('secret/deep/s')} link/deep/s a/b.key /proc/self/root${m.at('secret/deep/s')} /proc/1/root${m.at('secret/deep/s')}; mv a c; cat c/b.key`;
  t.match(await shell(m, read), /fine/, 'what is not denied is read');
  const inside = { type: 'workspaceWrite', writableRoots: [m.at('secret', 'deep')] };
  const answers = [
    await shell(m, read),
    await shell(m, read, { sandboxPolicy: { type: 'readOnly' } }),
    await shell(m, read, { sandboxPolicy: inside }),
    await shell(m, 'cat s', { cwd: m.at('secret', 'deep'), sandboxPolicy: inside }),
    await shell(m, 'cat s', { cwd: m.at('secret', 'deep'), permissionProfile: ':workspace' }),
    await shell(m, read, { sandboxPolicy: { type: 'dangerFullAccess' } }),
    await shell(m, read, { sandboxPolicy: { type: 'externalSandbox', networkAccess: 'restricted' } }),
    await shell(m, read, { env: { TMPDIR: m.at('secret', 'deep') }, permissionProfile: ':workspace' }),
    await spawned(m, read),
    await typed(m, await startThread(m), read),
    await modelRuns(m, await startThread(m, { sandbox: 'danger-full-access' }), read),
    await modelRuns(
      m,
      await startThread(m, { runtimeWorkspaceRoots: [m.at('secret', 'deep')], sandbox: 'workspace-write' }),
      read,
    ),
  ];
  answers.forEach((answer, n) => t.notMatch(answer, /SECRET/, `road ${n}`));
});

t.test("case 121: a managed profile is exactly the administrator's", async (t) => {
  const m = await managed(
    t,
    'default_permissions = "mg"\n[permissions.mg]\nextends = ":read-only"\n[permissions.mg.filesystem]\n"ROOT/out" = "write"\n[allowed_permission_profiles]\nmg = true\n',
    { files: { 'out/x': '', 'work/x': '' }, config: 'approval_policy = "never"\n' },
  );
  const script = `touch ${m.at('out/made')}; touch made`;
  t.match(await shell(m, script), /made/);
  t.ok(fs.existsSync(m.at('out/made')), 'it holds where nothing is configured');
  t.notOk(fs.existsSync(m.at('work/made')));
  t.match(
    await said(startThread(m, { config: { 'permissions.mg.extends': ':workspace' } })),
    /profile `mg` conflicts with a config-defined profile of the same name/,
  );
  for (const start of [
    { sandbox: 'danger-full-access' },
    { permissions: ':workspace' },
    { sandbox: 'workspace-write' },
  ]) {
    await modelRuns(m, await startThread(m, start), 'touch made');
  }
  t.match(await shell(m, 'touch made', { sandboxPolicy: { type: 'workspaceWrite' } }), /not in the allowed set \[mg\]/);
  t.match(
    await shell(m, 'touch made', { sandboxPolicy: { type: 'dangerFullAccess' } }),
    /not in the allowed set \[mg\]/,
  );
  t.match(await spawned(m, 'touch made'), /not in the allowed set \[mg\]/);
  t.notOk(fs.existsSync(m.at('work/made')));
});

t.test('case 122: the requirements also apply to a thread that was loaded or stored before', async (t) => {
  const m = await managed(t, '', { config: 'sandbox_mode = "danger-full-access"\napproval_policy = "on-request"\n' });
  const outside = m.at('outside');
  const thread = await startThread(m);
  await modelRuns(m, thread, 'true');
  const file = path.join(m.system, 'requirements.toml');
  fs.writeFileSync(file, 'allowed_sandbox_modes = ["read-only"]\n');
  await elapse(300, 'the file is read again');
  await modelRuns(m, thread, `touch ${outside}`);
  const { thread: forked } = await m.client.request('thread/fork', { threadId: thread });
  await modelRuns(m, forked.id, `touch ${outside}`);
  await said(m.client.request('thread/resume', { threadId: thread, sandbox: 'danger-full-access' } as never));
  await modelRuns(m, thread, `touch ${outside}`);
  t.match(
    await said(
      m.client.request('turn/start', {
        threadId: thread,
        input: [{ type: 'text', text: 'go' }],
        sandboxPolicy: { type: 'dangerFullAccess' },
      } as never),
    ),
    /not in the allowed set/,
  );
  t.notOk(fs.existsSync(outside));
});

t.test('case 122b: later requirements that are invalid close what was open', async (t) => {
  const m = await managed(t, '', { config: 'sandbox_mode = "danger-full-access"\napproval_policy = "never"\n' });
  const [outside, file] = [m.at('outside'), path.join(m.system, 'requirements.toml')];
  const thread = await startThread(m);
  const rows: readonly (readonly [string, RegExp])[] = [
    ['default_permissions = "x"\n[allowed_permission_profiles]\n":read-only" = true\n', /must be allowed by/],
    ['allowed_sandbox_modes = [', /TOML parse error/],
    ['[otel]\nexporter = "statsig"\n', /cannot be enforced/],
    ['allowed_sandbox_modes = ["workspace-write"]\n', /must include/],
  ];
  t.match(await spawned(m, 'echo ran'), /ran/, 'nothing is demanded');
  for (const [text, why] of rows) {
    fs.writeFileSync(file, text);
    let answer = '';
    await until(
      async () => why.test((answer = await spawned(m, 'true'))),
      () => `${String(why)}, not ${answer}`,
    );
    t.match(await spawned(m, `touch ${outside}`), why, 'process/spawn');
    t.match(await typed(m, thread, `touch ${outside}`), why, 'thread/shellCommand');
    await modelRuns(m, thread, `touch ${outside}`);
    await shell(m, `touch ${outside}`, { sandboxPolicy: { type: 'dangerFullAccess' } });
    t.match(await shell(m, 'echo ran', { sandboxPolicy: { type: 'readOnly' } }), /ran/, 'reading goes on');
  }
  t.notOk(fs.existsSync(outside));
});

t.test('case 123: sections for other hosts are ignored, the one for this host counts', async (t) => {
  const section = (host: string, modes: string): string =>
    `[[remote_sandbox_config]]\nhostname_patterns = ["${host}"]\nallowed_sandbox_modes = [${modes}]\n`;
  const m = await managed(
    t,
    `${section('elsewhere-*', '"read-only", "danger-full-access"')}${section('*', '"read-only"')}${section('*', '"read-only", "danger-full-access"')}`,
  );
  t.match(await spawned(m, 'echo ran'), /not in the allowed set \[ReadOnly\]/);
});

t.test('case 124: a profile with hooks into TLS is not used', async (t) => {
  const m = await managed(t, '', {
    config:
      'default_permissions = "ws"\n[permissions.ws.filesystem]\n":root" = "write"\n[permissions.ws.network]\nenabled = true\n[permissions.ws.network.mitm.hooks.reads]\nhost = "ok.test"\n',
  });
  t.match(await shell(m, 'touch made', { permissionProfile: 'ws' }), /`ws` has `network.mitm`/);
  await shell(m, 'touch made');
  t.notOk(fs.existsSync(m.at('work/made')), 'closed defaults take its place');
});

t.test('case 125: the daemon sends no request to a host that the requirements forbid', async (t) => {
  const m = await managed(t, '[application.network]\nenabled = true\ndomains = { "models.test" = "allow" }\n');
  const { error } = await runTurn(m.client, await startThread(m), 'go');
  t.match(error?.message, /destination denied by application network policy/);
  t.same(m.model.requests, []);
});

t.test('case 126: the demanded provider is used', async (t) => {
  const m = await managed(
    t,
    'model_provider = "corp"\n[model_providers.corp]\nname = "Corp"\nbase_url = "http://127.0.0.1:1/v1"\nrequest_max_retries = 0\nstream_max_retries = 0\n',
  );
  for (const more of [
    {},
    { modelProvider: 'mock' },
    { config: { model_provider: 'mock' } },
    { config: { 'model_providers.corp.name': 'Mine', 'model_providers.corp.base_url': m.model.url } },
  ]) {
    await runTurn(m.client, await startThread(m, more), 'go');
  }
  t.same(m.model.requests, []);
});

t.test('case 127: forbidden logins are neither made nor used', async (t) => {
  const m = await managed(t, 'allowed_login_methods = ["chatgpt"]\n', {
    files: { 'home/auth.json': '{"auth_mode":"apikey","OPENAI_API_KEY":"stored"}' },
    config: 'openai_base_url = "http://127.0.0.1:1/v1"\n',
  });
  const login = m.client.request('account/login/start', { type: 'apiKey', apiKey: 'k' } as never);
  t.match(await said(login), /API key login is disabled/);
  const { error } = await runTurn(m.client, await startThread(m, { modelProvider: 'openai' }), 'go');
  t.match(error?.message, /API key login is disabled by allowed_login_methods/);
});

t.test('case 128: approvals go to the reviewer of the requirements', async (t) => {
  const m = await managed(
    t,
    'guardian_policy_config = "POLICY OF THE HOUSE"\nadditional_developer_instructions = "MANAGED WORDS"\nallow_login_shell = false\n[auto_review]\nrequired_on_models = ["mock-model"]\n',
    { config: 'approval_policy = "on-request"\nsandbox_mode = "danger-full-access"\n' },
  );
  const started = await m.client.request('thread/start', { cwd: m.daemon.work, approvalsReviewer: 'user' } as never);
  t.match(started, { approvalsReviewer: 'auto_review', sandbox: { type: 'workspaceWrite' } });
  const threadId = started.thread.id;
  const update = m.client.request('thread/settings/update', { threadId, approvalsReviewer: 'user' } as never);
  t.match(await said(update), /To use model `mock-model`, you need to use auto review/);
  let asked = 0;
  m.client.onRequest('item/commandExecution/requestApproval', () => {
    asked++;
    return { decision: 'accept' };
  });
  m.model.push(
    items(exec('e1', 'echo ran', { sandbox_permissions: 'require_escalated', justification: 'why' })),
    say('{"risk_level":"high","user_authorization":"low","outcome":"deny","rationale":"no"}'),
    say('done'),
  );
  await runTurn(m.client, threadId, 'go');
  t.equal(asked, 0, 'the person is not asked');
  t.notMatch(outputOf(m.model, 'e1'), /ran\n/);
  t.match(JSON.stringify(m.model.requests[0]?.body), /MANAGED WORDS/, 'the model is told');
  t.match(JSON.stringify(m.model.requests[1]?.body), /POLICY OF THE HOUSE/, 'the reviewer is told');
  t.match(await modelRuns(m, threadId, 'true', { login: true }), /login shell is disabled by config/);
});

t.test('case 126b: the command line does not change pinned values', async (t) => {
  const m = await managed(
    t,
    'allow_login_shell = false\nmodel_provider = "corp"\nallowed_sandbox_modes = ["read-only"]\n[model_providers.corp]\nname = "Corp"\nbase_url = "http://127.0.0.1:1/v1"\nrequest_max_retries = 0\nstream_max_retries = 0\n',
    {
      args: ['allow_login_shell=true', 'model_provider="mock"', 'sandbox_mode="danger-full-access"'].flatMap((one) => [
        '-c',
        one,
      ]),
    },
  );
  const { config } = await m.client.request('config/read', { includeLayers: false });
  t.match(config, { model_provider: 'corp' });
  const thread = await startThread(m, { config: { allow_login_shell: true, sandbox_mode: 'danger-full-access' } });
  await runTurn(m.client, thread, 'go');
  t.same(m.model.requests, [], 'the demanded provider is asked');
  await shell(m, `touch ${m.at('outside')}`);
  await typed(m, thread, `touch ${m.at('outside')}`);
  t.notOk(fs.existsSync(m.at('outside')));
});

t.test('case 163: only an allowed reviewer answers approvals', async (t) => {
  const m = await managed(t, 'allowed_approvals_reviewers = ["auto_review"]\n', {
    config: 'approval_policy = "on-request"\nsandbox_mode = "workspace-write"\napprovals_reviewer = "user"\n',
  });
  const refusal = /`User` is not in the allowed set \[AutoReview\]/;
  let asked = 0;
  m.client.onRequest('item/commandExecution/requestApproval', () => {
    asked++;
    return { decision: 'accept' };
  });
  for (const more of [{}, { approvalsReviewer: 'user' }, { config: { approvals_reviewer: 'user' } }]) {
    const started = await m.client.request('thread/start', { cwd: m.daemon.work, ...more } as never);
    t.match(started, { approvalsReviewer: 'auto_review' });
    const threadId = started.thread.id;
    const change = { threadId, approvalsReviewer: 'user' };
    t.match(await said(m.client.request('thread/settings/update', change as never)), refusal);
    const input = [{ type: 'text', text: 'go' }];
    t.match(await said(m.client.request('turn/start', { ...change, input } as never)), refusal);
    m.model.push(
      items(exec('e1', `touch ${m.at('outside')}`, { sandbox_permissions: 'require_escalated', justification: 'why' })),
      say('{"risk_level":"high","user_authorization":"low","outcome":"deny","rationale":"no"}'),
      say('done'),
    );
    await runTurn(m.client, threadId, 'go');
  }
  t.equal(asked, 0, 'the person is not asked');
  t.notOk(fs.existsSync(m.at('outside')));
});

t.test('case 164: requests to models follow the requirements', async (t) => {
  const m = await managed(
    t,
    'cli_auth_credentials_store = "keyring"\nenforce_residency = "us"\n[models.new_thread]\nmodel = "managed-model"\nmodel_reasoning_effort = "low"\n',
    {
      model: '',
      files: { 'home/auth.json': '{"auth_mode":"apikey","OPENAI_API_KEY":"stored"}' },
      config:
        'openai_base_url = "MODEL"\ncli_auth_credentials_store = "file"\n[model_providers.mine]\nname = "Mine"\nbase_url = "MODEL"\nhttp_headers = { "X-OpenAI-Internal-Codex-Residency" = "eu" }\n',
    },
  );
  const login = m.client.request('account/login/start', { type: 'apiKey', apiKey: 'new' } as never);
  t.match(await said(login), /cli_auth_credentials_store does not allow/);
  t.match(fs.readFileSync(m.at('home/auth.json'), 'utf8'), /"stored"/);
  for (const modelProvider of ['openai', 'mine']) {
    for (const config of [{}, { cli_auth_credentials_store: 'file' }]) {
      const started = await m.client.request('thread/start', { cwd: m.daemon.work, modelProvider, config });
      t.match(started, { model: 'managed-model', reasoningEffort: 'low' });
      await runTurn(m.client, started.thread.id, 'go');
    }
  }
  t.ok(m.model.requests.length >= 2, 'requests were made');
  for (const { headers, body } of m.model.requests) {
    t.equal(headers['x-openai-internal-codex-residency'], 'us');
    t.equal(headers.authorization, undefined, 'no stored login is used');
    t.match(body, { model: 'managed-model', reasoning: { effort: 'low' } });
  }
  const chosen = await m.client.request('thread/start', { cwd: m.daemon.work, model: 'mine' });
  t.match(chosen, { model: 'mine' }, 'what is asked for goes before');
});

t.test('case 165: the requirements also apply to reviews, programs of the shell and notifications', async (t) => {
  const m = await managed(t, 'allowed_sandbox_modes = ["read-only"]\n', {
    config:
      'sandbox_mode = "danger-full-access"\napproval_policy = "on-request"\nnotify = ["touch", "ROOT/notified"]\n',
  });
  const outside = m.at('outside');
  m.client.onRequest('item/commandExecution/requestApproval', () => ({ decision: 'accept' }));
  const threadId = await startThread(m);
  const reviewed = new Promise<void>((resolve) => {
    m.client.onNotification('turn/completed', () => resolve());
  });
  const before = m.model.requests.length;
  m.model.push(items(exec('r1', `touch ${outside}; echo tried`)), say('nothing found'));
  await m.client.request('review/start', { threadId, target: { type: 'custom', instructions: 'look' } } as never);
  await reviewed;
  t.ok(m.model.requests.length >= before + 2, 'the review ran its command');
  t.notOk(fs.existsSync(outside), 'a command of a review');

  const program = async (...args: string[]): Promise<string> => {
    const env = { CODEX_HOME: m.at('home'), HOME: m.at('.'), CODEXD_SYSTEM_CONFIG_DIR: m.system };
    const options = { cwd: m.daemon.work, env, timeout: 60_000, input: '', all: true, reject: false } as const;
    return (await execa(process.execPath, [path.join(packageRoot(), 'bin', 'codexd.cjs'), ...args], options)).all;
  };
  const touch = ['--', 'sh', '-c', `touch ${outside}; echo tried`];
  t.match(await program('sandbox', ...touch), /tried/);
  t.match(await program('sandbox', '-c', 'sandbox_mode="danger-full-access"', ...touch), /tried/);
  t.match(await program('sandbox', '-P', ':danger-full-access', ...touch), /not in the allowed set/);
  t.notOk(fs.existsSync(outside), 'codexd sandbox');
  const refused = /requirements do not allow|not in the allowed set/;
  for (const flags of [[], ['-s', 'danger-full-access'], ['--dangerously-bypass-approvals-and-sandbox']]) {
    t.match(await program('exec', '--skip-git-repo-check', ...flags, 'go'), refused);
  }
  t.notOk(fs.existsSync(outside), 'codexd exec');
  t.notOk(fs.existsSync(m.at('notified')), 'no program is told of events');
});

t.test('case 166: the daemon itself does not read the files in deny_read to the model', async (t) => {
  const m = await managed(t, '[permissions.filesystem]\ndeny_read = ["ROOT/work/private", "ROOT/work/**/x/*.md"]\n', {
    files: {
      'work/private/AGENTS.md': 'SECRET ONE',
      'work/private/sub/AGENTS.md': 'SECRET TWO',
      'work/x/AGENTS.md': 'SECRET THREE',
      'work/open/AGENTS.md': 'OPEN WORDS',
    },
  });
  fs.mkdirSync(m.at('work/link'));
  fs.symlinkSync('../private/AGENTS.md', m.at('work/link/AGENTS.md'));
  fs.symlinkSync('private', m.at('work/other'));
  for (const folder of ['private', 'private/sub', 'x', 'link', 'other']) {
    for (const more of [{}, { sandbox: 'read-only' }, { sandbox: 'workspace-write' }]) {
      const thread = await startThread(m, { cwd: m.at('work', folder), ...more });
      await runTurn(m.client, thread, 'go');
    }
  }
  t.equal(m.model.requests.length, 15);
  t.notMatch(JSON.stringify(m.model.requests.map(({ body }) => body)), /SECRET/);
  await runTurn(m.client, await startThread(m, { cwd: m.at('work/open') }), 'go');
  t.match(JSON.stringify(m.model.requests.at(-1)?.body), /OPEN WORDS/);
});
