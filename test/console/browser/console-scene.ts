/** A daemon with the console, a model of the test, and what a person does first: opening the link. */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import type { Test } from 'tap';
import { startDaemon, type TestDaemon } from '../../fixtures/daemon.js';
import { startModelServer, type ModelServer, type Step } from '../../fixtures/model-server.js';
import { until } from '../../fixtures/until.js';
import type { Visit } from './browser.js';

export interface ConsoleScene {
  readonly daemon: TestDaemon;
  readonly model: ModelServer;
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  /** A link that works once. */
  link(): Promise<string>;
}

export async function consoleScene(
  t: Pick<Test, 'teardown'>,
  script: readonly Step[],
  profile = 'sandbox_mode = "read-only"',
  env: Readonly<Record<string, string>> = {},
): Promise<ConsoleScene> {
  const model = await startModelServer(...script);
  const daemon = await startDaemon({
    args: ['--console'],
    env,
    config: `
model = "mock-model"
model_provider = "mock"
approval_policy = "on-request"
${profile}
[codexd]
operators = "answer"
[model_providers.mock]
name = "Mock"
base_url = "${model.url}"
wire_api = "responses"
request_max_retries = 0
stream_max_retries = 0
`,
  });
  t.teardown(async () => {
    await daemon.stop();
    await model.close();
  });
  await until(() => /^console: .*\n/m.test(daemon.stderr()), 'the link is printed');
  return {
    daemon,
    model,
    origin: daemon.url.replace(/^ws/, 'http'),
    link: async () => {
      const client = await daemon.connect();
      const { links } = await client.request('console/link', {});
      await client.close();
      return links[0] ?? '';
    },
  };
}

/** The page is connected. */
export const opened = (visit: Visit): Promise<unknown> => visit.page.getByText('Connected', { exact: true }).waitFor();

/** Starts a thread in the page, and sends a message. */
export async function startThread({ page }: Visit, folder: string, message: string): Promise<void> {
  await page.getByRole('link', { name: 'Threads', exact: true }).click();
  await page.getByRole('button', { name: 'New' }).click();
  await page.getByLabel('Folder').fill(folder);
  await page.getByRole('button', { name: 'Start the thread' }).click();
  await page.getByLabel('Message', { exact: true }).fill(message);
  await page.getByLabel('Message', { exact: true }).press('Enter');
}

/** The serious faults of accessibility of what the page shows now. */
export async function accessFaults({ page }: Visit): Promise<readonly string[]> {
  await page.evaluate(fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
  return page.evaluate(async () => {
    const { axe: judge } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> };
    };
    return (await judge.run()).violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`);
  });
}
