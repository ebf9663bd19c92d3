/**
 * Security bar, cases 125 to 128, 163 and 164: which models, logins and reviewers the administrator's requirements.toml
 * allows, whatever users, projects, models and clients write.
 */
import fs from 'node:fs';
import t from 'tap';
import { items, say } from '../fixtures/model-server.js';
import { exec, outputOf, runTurn } from '../fixtures/turn-scene.js';
import { managed, said, shell, typed, modelRuns, startThread } from './managed.js';

t.setTimeout(240_000);

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
