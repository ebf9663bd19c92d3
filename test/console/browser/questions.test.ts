/** Every kind of question that a turn of another client has, answered in the page, with its effect. */
import fs from 'node:fs';
import t, { type Test } from 'tap';
import type { Client } from '../../../clients/typescript/index.js';
import { mcpProgram, mcpTable } from '../../fixtures/mcp-server.js';
import { event, items, say, type Step } from '../../fixtures/model-server.js';
import { until } from '../../fixtures/until.js';
import { findBrowser, NOT_RUN, startBrowser, type Visit } from './browser.js';
import { consoleScene, opened, type ConsoleScene } from './console-scene.js';

// A browser and a daemon start on a busy machine.
t.setTimeout(240_000);

const skip = findBrowser() === null ? NOT_RUN : false;

interface Asked extends Visit {
  readonly scene: ConsoleScene;
  readonly owner: Client;
  /** What the model got for its call. */
  readonly output: () => Promise<string>;
}

/** A turn of another client, which never answers, and the page at its questions. */
async function asked(t: Test, step: Step, options: { tables?: string; start?: object; turn?: object } = {}) {
  const settings = `sandbox_mode = "read-only"\n${options.tables ?? ''}`;
  const scene = await consoleScene(t, [step, say('done')], settings);
  const owner = await scene.daemon.connect();
  owner.onRequest('item/fileChange/requestApproval', () => new Promise(() => {}));
  owner.onRequest('item/tool/requestUserInput', () => new Promise(() => {}));
  owner.onRequest('mcpServer/elicitation/request', () => new Promise(() => {}));
  const { thread } = await owner.request('thread/start', { cwd: scene.daemon.work, ...options.start });
  const input = [{ type: 'text' as const, text: 'go' }];
  await owner.request('turn/start', { threadId: thread.id, input, ...options.turn });
  const here = await (await startBrowser(t))(await scene.link());
  await opened(here);
  await here.page.getByRole('link', { name: /^Approvals/ }).click();
  const output = async (): Promise<string> => {
    await until(() => scene.model.requests.length > 1, 'the model gets the answer');
    return JSON.stringify(scene.model.requests[1]?.body);
  };
  return { ...here, scene, owner, output } satisfies Asked;
}

const PATCH = '*** Begin Patch\n*** Add File: added.txt\n+the new line\n*** End Patch\n';

for (const ephemeral of [false, true])
  t.test(
    `the patch of a thread ${ephemeral ? 'without' : 'with'} a file is shown, and written`,
    { skip },
    async (t) => {
      const cmd = `apply_patch <<'EOF'\n${PATCH}EOF`;
      const { page, scene, output } = await asked(
        t,
        items(event.call('exec_command', { cmd, login: false }, 'patch')),
        {
          start: { ephemeral },
        },
      );
      const question = page.getByRole('article', { name: /asks to change .*added\.txt/ });
      await question.getByText('the new line').waitFor();
      t.notOk(fs.existsSync(`${scene.daemon.work}/added.txt`));
      await question.getByRole('button', { name: 'Allow once' }).click();
      await page.getByText('answered here').waitFor();
      await output();
      t.equal(fs.readFileSync(`${scene.daemon.work}/added.txt`, 'utf8'), 'the new line\n');
    },
  );

t.test('a question of the model is answered with an option, and with other words', { skip }, async (t) => {
  const options = [
    { label: 'Red', description: 'like blood' },
    { label: 'Blue', description: 'like the sky' },
  ];
  const questions = [
    { id: 'colour', header: 'Colour', question: 'Which colour?', options },
    { id: 'shape', header: 'Shape', question: 'Which shape?', options: [{ label: 'Round', description: 'a ball' }] },
  ];
  const mode = {
    mode: 'plan',
    settings: { model: 'mock-model', reasoning_effort: null, developer_instructions: null },
  };
  const { page, output } = await asked(t, items(event.call('request_user_input', { questions }, 'input')), {
    turn: { collaborationMode: mode },
  });
  const question = page.getByRole('article', { name: /Which colour\?/ });
  const send = question.getByRole('button', { name: 'Send the answer' });
  await question.getByRole('radio', { name: /Blue/ }).check();
  t.ok(await send.isDisabled(), 'the other question has no answer yet');
  await question.getByRole('group', { name: 'Which shape?' }).getByLabel('Another answer').fill('a cube');
  await send.click();
  await page.getByText('answered here').waitFor();
  const answer = await output();
  t.match(answer, /colour.{0,40}Blue/);
  t.match(answer, /shape.{0,40}a cube/);
});

const mcp = (tools: string, mode: 'approve' | 'auto') => (t: Test) => {
  const { file } = mcpProgram(t.testdir(), tools);
  return mcpTable('srv', file, `default_tools_approval_mode = "${mode}"`);
};
const call = (name: string, args: object): Step => items({ ...event.call(name, args, 'mcp'), namespace: 'mcp__srv' });

t.test('the form of an MCP server is filled, and the server gets it', { skip }, async (t) => {
  const schema = `{ type: 'object', required: ['name'], properties: {
    name: { type: 'string', title: 'Your name' }, size: { type: 'string', enum: ['small', 'large'] },
    count: { type: 'integer' }, agree: { type: 'boolean', title: 'I agree' } } }`;
  const tools = `form: { run: async () => text(JSON.stringify(await ask('elicitation/create', { message: 'Who is it?', requestedSchema: ${schema} }))) },`;
  const { page, output } = await asked(t, call('form', {}), {
    tables: mcp(tools, 'approve')(t),
    start: { approvalPolicy: 'on-request' },
  });
  const question = page.getByRole('article', { name: 'The MCP server srv asks' });
  await question.getByText('Who is it?').waitFor();
  await question.getByLabel('Your name').fill('Bob');
  await question.getByRole('radio', { name: 'large' }).check();
  await question.getByLabel('count').fill('3');
  await question.getByLabel('I agree').check();
  await question.getByRole('button', { name: 'Send the answer' }).click();
  await page.getByText('answered here').waitFor();
  const answer = (await output()).replaceAll('\\', '');
  t.match(answer, /"action":"accept"/);
  t.match(answer, /"name":"Bob","size":"large","count":3,"agree":true/);
});

t.test(
  'the call of a tool shows its arguments, and is allowed for good after its rule was shown',
  { skip },
  async (t) => {
    const tools = `remove: { description: 'Removes a file', run: ({ path }) => text('removed ' + path) },`;
    const { page, scene, output, faults } = await asked(t, call('remove', { path: '/w/old.txt' }), {
      tables: mcp(tools, 'auto')(t),
      start: { approvalPolicy: 'on-request' },
    });
    const question = page.getByRole('article', { name: /asks to call remove of srv/ });
    await question.getByText('/w/old.txt').waitFor();
    await question.focus();
    await page.keyboard.press('r');
    await question.getByText('[mcp_servers.srv.tools.remove]').waitFor();
    t.equal(scene.model.requests.length, 1, 'the rule is only shown');
    await question.getByRole('button', { name: 'Write the rule' }).click();
    await page.getByText('answered here').waitFor();
    t.match(await output(), /removed \/w\/old\.txt/);
    t.match(
      fs.readFileSync(`${scene.daemon.home}/config.toml`, 'utf8'),
      /\[mcp_servers\.srv\.tools\.remove\]\napproval_mode = "approve"/,
    );
    t.strictSame(faults, []);
  },
);
