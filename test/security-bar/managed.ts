/** A daemon under the requirements of an administrator, and every way to run a command in it. */
import fs from 'node:fs';
import path from 'node:path';
import type { Client } from '../../clients/typescript/index.js';
import { startDaemon, type TestDaemon } from '../fixtures/daemon.js';
import { items, say, startModelServer, type ModelServer } from '../fixtures/model-server.js';
import { exec, outputOf, runTurn } from '../fixtures/turn-scene.js';

export interface Managed {
  readonly daemon: TestDaemon;
  readonly client: Client;
  readonly model: ModelServer;
  readonly system: string;
  readonly at: (...parts: string[]) => string;
}

/**
 * A daemon under these requirements. `files`: the content of its working folder and home. `model`: the configuration.
 */
export async function managed(
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
export async function said(work: Promise<unknown>): Promise<string> {
  try {
    return JSON.stringify(await work);
  } catch (error) {
    return (error as Error).message;
  }
}

export const shell = ({ client, daemon }: Managed, script: string, more: object = {}) =>
  said(client.request('command/exec', { command: ['sh', '-c', script], cwd: daemon.work, ...more }));

export async function spawned({ client, daemon }: Managed, script: string): Promise<string> {
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
export async function typed({ client }: Managed, threadId: string, command: string): Promise<string> {
  const end = new Promise<string>((resolve) => {
    client.onNotification('item/completed', ({ item }) => {
      if (item.type === 'commandExecution' && item.source === 'userShell') resolve(item.aggregatedOutput ?? '');
    });
  });
  await client.request('thread/shellCommand', { threadId, command });
  return end;
}

export async function modelRuns({ client, model }: Managed, threadId: string, script: string, more: object = {}) {
  const id = `call-${Math.random()}`;
  model.push(items(exec(id, script, more)), say('done'));
  await runTurn(client, threadId, 'go');
  return outputOf(model, id) ?? '';
}

export const startThread = async ({ client, daemon }: Managed, more: object = {}): Promise<string> =>
  (await client.request('thread/start', { cwd: daemon.work, ...more })).thread.id;
