/**
 * Security bar, cases 134 to 138: another program saves the same text in place, over and over. Nothing that the text
 * forbids may pass, neither in a running daemon nor in the first requests of a new one.
 *
 * `CODEXD_SAVED_TRIES` sets the number of tries for each (default 300).
 */
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { PYTHON } from '../fixtures/python.js';
import { createRuleBook } from '../../server/config/rules/rule-book.js';
import { createConfigService } from '../../server/config/settings/config-service.js';
import { proxiedConfig, startDaemon, type TestDaemon } from '../fixtures/daemon.js';
import { startChild } from '../fixtures/programs.js';

t.setTimeout(900_000);

const TRIES = Number(process.env.CODEXD_SAVED_TRIES ?? 300);

/** Saves the current text of the file again and again, like most editors: emptied, then written. */
async function saving(file: string): Promise<{ stop(): Promise<void> }> {
  const script = `
    const fs = require('node:fs');
    const [file] = process.argv.slice(1);
    const text = fs.readFileSync(file, 'utf8');
    const wait = new Int32Array(new SharedArrayBuffer(4));
    console.log('ready');
    for (const end = Date.now() + 900000; Date.now() < end;) {
      fs.writeFileSync(file, text);
      Atomics.wait(wait, 0, 0, 5);
    }`;
  const text = fs.readFileSync(file, 'utf8');
  const child = startChild(process.execPath, ['-e', script, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return {
    async stop() {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
      // It may have been killed in the middle of a save.
      fs.writeFileSync(file, text);
    },
  };
}

/** The number of tries that passed while the file was being saved. */
async function through(file: string, attempt: () => Promise<boolean> | boolean, tries = TRIES): Promise<number> {
  const saver = await saving(file);
  let count = 0;
  try {
    for (let i = 0; i < tries; i++) if (await attempt()) count++;
  } finally {
    await saver.stop();
  }
  return count;
}

async function daemonOf(
  t: Test,
  config: string,
  system: Readonly<Record<string, string>> = {},
): Promise<TestDaemon & { readonly systemDir: string }> {
  const systemDir = fs.mkdtempSync('/var/tmp/codexd-system-');
  for (const [name, text] of Object.entries(system)) fs.writeFileSync(path.join(systemDir, name), text);
  const daemon = await startDaemon({ config, env: { CODEXD_SYSTEM_CONFIG_DIR: systemDir } });
  t.teardown(async () => {
    await daemon.stop();
    fs.rmSync(systemDir, { recursive: true, force: true });
  });
  return { ...daemon, systemDir };
}

/** How a daemon that starts now reads the files. */
const started = (daemon: TestDaemon & { readonly systemDir: string }) =>
  createConfigService({
    codexHome: daemon.home,
    cwd: daemon.work,
    env: { HOME: path.dirname(daemon.home), CODEXD_SYSTEM_CONFIG_DIR: daemon.systemDir },
  });

t.test('case 134: requirements.toml: a forbidden mode is never used', async (t) => {
  const daemon = await daemonOf(t, '', { 'requirements.toml': 'allowed_sandbox_modes = ["read-only"]\n' });
  const file = path.join(daemon.systemDir, 'requirements.toml');
  const client = await daemon.connect();
  const open = () =>
    client
      .request('command/exec', { command: ['true'], cwd: daemon.work, sandboxPolicy: { type: 'dangerFullAccess' } })
      .then(
        () => true,
        () => false,
      );
  t.equal(await through(file, open), 0, 'the daemon that runs');
  const first = () => started(daemon).requirements().sandboxModes === null;
  t.equal(await through(file, first), 0, 'one that starts');
  t.test('and it applies when the file is removed, and clients are notified', async (t) => {
    const told = new Promise<string>((resolve) =>
      client.onNotification('configWarning', ({ summary }) => {
        if (summary.includes('requirements.toml')) resolve(summary);
      }),
    );
    fs.rmSync(file);
    const end = performance.now() + 4000;
    let count = 0;
    while (performance.now() < end) if (await open()) count++;
    t.equal(count, 0);
    t.match(await told, /requirements\.toml is missing\. What it said holds until the daemon is started again/);
    const later = await daemon.connect();
    const again = await new Promise<string>((resolve) =>
      later.onNotification('configWarning', ({ summary }) => resolve(summary)),
    );
    t.match(again, /is missing/, 'who connects later is told as well');
  });
});

t.test('case 135: config.toml: a denied path is never read', async (t) => {
  const secret = fs.mkdtempSync('/var/tmp/codexd-secret-');
  t.teardown(() => fs.rmSync(secret, { recursive: true, force: true }));
  fs.writeFileSync(path.join(secret, 'key'), 'the secret\n');
  const config = `default_permissions = "mine"\n[permissions.mine.filesystem]\n":root" = "read"\n"${secret}" = "deny"\n`;
  const daemon = await daemonOf(t, config);
  const file = path.join(daemon.home, 'config.toml');
  const client = await daemon.connect();
  const read = async () => {
    const { stdout } = await client.request('command/exec', { command: ['cat', path.join(secret, 'key')] });
    return stdout !== '';
  };
  t.equal(await through(file, read), 0, 'the daemon that runs');
  const first = () => started(daemon).settings().defaultProfile.id !== 'mine';
  t.equal(await through(file, first), 0, 'one that starts');
});

t.test('case 136: config.toml: a thread never gets another provider', async (t) => {
  const config = 'model_provider = "mock"\n[model_providers.mock]\nname = "m"\nbase_url = "http://127.0.0.1:9/v1"\n';
  const daemon = await daemonOf(t, config);
  const client = await daemon.connect();
  const other = async () => (await client.request('thread/start', { ephemeral: true })).modelProvider !== 'mock';
  t.equal(await through(path.join(daemon.home, 'config.toml'), other), 0);
});

t.test('case 137: rules: a denial is never forgotten', async (t) => {
  const daemon = await daemonOf(
    t,
    proxiedConfig({ '*.test': 'allow' }) + '[codexd.command_exec]\non_network_denial = "refuse"\n',
  );
  const rules = path.join(daemon.home, 'rules');
  fs.mkdirSync(rules);
  const file = path.join(rules, 'mine.rules');
  fs.writeFileSync(file, 'network_rule(host="denied.test", protocol="http", decision="deny")\n');
  const client = await daemon.connect();
  // Requests through one proxy, for longer than rules are cached.
  const script = `import os, socket, time
host, port = os.environ["HTTP_PROXY"].split("//")[1].strip("/").split(":")
passed, asked, end = 0, 0, time.time() + 1.5
while time.time() < end:
    s = socket.create_connection((host, int(port)), 5)
    s.sendall(b"GET http://denied.test/ HTTP/1.1\\r\\nHost: denied.test\\r\\nConnection: close\\r\\n\\r\\n")
    answer = s.recv(65536)
    s.close()
    asked += 1
    if b" 403 " not in answer.split(b"\\r\\n")[0]: passed += 1
    time.sleep(0.01)
print(passed, asked > 5)`;
  const request = async () => {
    const { stdout, stderr } = await client.request('command/exec', {
      command: [PYTHON, '-c', script],
      timeoutMs: 60_000,
    });
    if (!stdout.endsWith('True\n')) throw new Error(`nothing was asked: ${stdout}${stderr}`);
    return stdout !== '0 True\n';
  };
  t.equal(await through(file, request, 4), 0, 'the daemon that runs');
  const forgotten = () => createRuleBook({ codexHome: daemon.home }).current().networkRules.length === 0;
  t.equal(await through(file, forgotten), 0, 'one that starts');
});

t.test('case 138: a project and managed_config.toml: their restrictions stay', async (t) => {
  const daemon = await daemonOf(t, 'sandbox_mode = "workspace-write"\n', {
    'managed_config.toml': 'approval_policy = "never"\n',
  });
  const { work, home, systemDir } = daemon;
  fs.mkdirSync(path.join(work, '.git'));
  fs.writeFileSync(path.join(work, '.git', 'HEAD'), 'ref: refs/heads/main\n');
  fs.mkdirSync(path.join(work, '.codex'));
  const project = path.join(work, '.codex', 'config.toml');
  fs.writeFileSync(project, 'sandbox_mode = "read-only"\n');
  fs.appendFileSync(path.join(home, 'config.toml'), `[projects."${work}"]\ntrust_level = "trusted"\n`);
  const client = await daemon.connect();
  const start = () => client.request('thread/start', { cwd: work, ephemeral: true });
  t.equal(await through(project, async () => (await start()).sandbox.type !== 'readOnly'), 0, 'the project');
  const managed = path.join(systemDir, 'managed_config.toml');
  t.equal(await through(managed, async () => (await start()).approvalPolicy !== 'never'), 0, 'the managed file');
  const first = () => started(daemon).settings().defaultProfile.filesystem.kind === 'unrestricted';
  t.equal(await through(managed, () => first() || !started(daemon).settings().neverAsks), 0, 'one that starts');
  const opened = () => started(daemon).resolve(work).effective.table.sandbox_mode !== 'read-only';
  t.equal(await through(project, opened), 0, 'a project in one that starts');
});
