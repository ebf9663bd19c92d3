/**
 * Security bar, cases 117 to 124, 165 and 166: the administrator's requirements.toml applies on every path to a
 * command, whatever users, projects, models and clients write.
 */
import { execa } from 'execa';
import fs from 'node:fs';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import t from 'tap';
import { items, say } from '../fixtures/model-server.js';
import { packageRoot } from '../../server/package/package-root.js';
import { exec, runTurn } from '../fixtures/turn-scene.js';
import { elapse, until } from '../fixtures/until.js';
import { managed, said, shell, spawned, typed, modelRuns, startThread } from './managed.js';

t.setTimeout(240_000);

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

t.test('case 124: a profile with a hook that cannot be enforced is not used', async (t) => {
  const m = await managed(t, '', {
    config:
      'default_permissions = "ws"\n[permissions.ws.filesystem]\n":root" = "write"\n[permissions.ws.network]\nenabled = true\n[permissions.ws.network.mitm.hooks.reads]\nhost = "ok.test"\nmethods = ["GET"]\npath_prefixes = ["/"]\naction = ["bare"]\nbody = { a = 1 }\n[permissions.ws.network.mitm.actions.bare]\nstrip_request_headers = ["a"]\n',
  });
  t.match(await shell(m, 'touch made', { permissionProfile: 'ws' }), /network\.mitm\.hooks\.reads\.body/);
  await shell(m, 'touch made');
  t.notOk(fs.existsSync(m.at('work/made')), 'closed defaults take its place');
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
