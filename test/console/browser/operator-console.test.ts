/** What a person does in the console with the commands, questions and threads of other clients. */
import t from 'tap';
import type { Client } from '../../../clients/typescript/index.js';
import { NETWORK_APPROVAL_CAPABILITY } from '../../../clients/typescript/index.js';
import { proxiedConfig } from '../../fixtures/daemon.js';
import { event, say } from '../../fixtures/model-server.js';
import { ask } from '../../fixtures/turn-scene.js';
import { findBrowser, NOT_RUN, startBrowser, type Visit } from './browser.js';
import { consoleScene, opened, startThread } from './console-scene.js';

// A browser and a daemon start on a busy machine.
t.setTimeout(240_000);

const skip = findBrowser() === null ? NOT_RUN : false;

/** Opens the page of the one running command. */
async function openCommand({ page }: Visit): Promise<void> {
  await page.getByRole('link', { name: 'Commands', exact: true }).click();
  await page.locator('.command-row').first().click();
  await page.getByLabel('The chosen command').waitFor();
}

async function terminate({ page }: Visit): Promise<void> {
  await page.getByRole('button', { name: 'Terminate …' }).click();
  await page.getByRole('button', { name: 'End it and all it started' }).click();
}

t.test(
  'the terminal of a foreign command takes input and a size, and the command is terminated',
  { skip },
  async (t) => {
    const scene = await consoleScene(t, []);
    const owner = await scene.daemon.connect();
    const script = `trap 'echo size:$(stty size)' WINCH; echo ready; while :; do read -r line && echo "got:$line"; done`;
    const result = owner.request('command/exec', {
      command: ['bash', '-c', script],
      processId: 'p',
      tty: true,
      size: { rows: 10, cols: 40 },
      streamStdin: true,
      streamStdoutStderr: true,
      disableTimeout: true,
    });
    const here = await (await startBrowser(t))(await scene.link());
    await opened(here);
    await openCommand(here);
    const { page } = here;
    const screen = page.locator('.xterm-rows');
    await screen.getByText('ready').waitFor();
    await page.locator('.terminal-place').click();
    await page.keyboard.type('hello');
    await page.keyboard.press('Enter');
    await screen.getByText('got:hello').waitFor();

    await page.getByRole('button', { name: 'Resize to this window' }).click();
    // The shell runs its trap after the next line.
    await page.locator('.terminal-place').click();
    await page.keyboard.press('Enter');
    const size = screen.getByText(/size:\d+ \d+/).last();
    await size.waitFor();
    t.notMatch(await size.textContent(), /size:10 40/, 'the command has the size of the window');

    await page.getByText('Processes', { exact: true }).click();
    await page.locator('.tree li', { hasText: 'bash' }).first().waitFor();

    await terminate(here);
    t.not((await result).exitCode, 0);
    await page
      .getByLabel('The chosen command')
      .getByText(/terminate/i)
      .first()
      .waitFor();
    t.strictSame(here.faults, [], 'the terminal breaks no rule of the page');
  },
);

t.test('the tree of a command shows what its programs have started', { skip }, async (t) => {
  const scene = await consoleScene(t, []);
  const owner = await scene.daemon.connect();
  const result = owner.request('command/exec', {
    command: ['bash', '-c', 'sleep 71 & bash -c "sleep 72; :"; wait'],
    disableTimeout: true,
    processId: 'p',
  });
  const here = await (await startBrowser(t))(await scene.link());
  await opened(here);
  await openCommand(here);
  await here.page.getByText('Processes', { exact: true }).click();
  await here.page.locator('.tree li', { hasText: 'sleep' }).nth(1).waitFor();
  const depths = await here.page
    .locator('.tree li')
    .evaluateAll((rows) =>
      rows.map((row) => parseInt(String(row.getAttribute('style')?.match(/padding-left: (\d+)/)?.[1]))),
    );
  t.ok(Math.max(...depths) > Math.min(...depths), `a child is under its parent: ${depths.join(' ')}`);
  await terminate(here);
  t.match(await result, { exitCode: 137 });
});

t.test('the question of a foreign command about a host is approved in the console', { skip }, async (t) => {
  const scene = await consoleScene(t, [], proxiedConfig({}).trim());
  const owner = await scene.daemon.connect({
    experimentalApi: true,
    extensions: { [NETWORK_APPROVAL_CAPABILITY]: {} },
  });
  owner.onRequest('network/requestApproval', () => new Promise(() => {}));
  const result = owner.request('command/exec', {
    command: ['bash', '-c', `${ask('localhost', 9, '/')}`],
    disableTimeout: true,
    processId: 'p',
  });
  const here = await (await startBrowser(t))(await scene.link());
  await opened(here);
  await here.page.getByRole('link', { name: /^Approvals/ }).click();
  const question = here.page.getByRole('article', { name: /asks for localhost:9/ });
  await question.getByRole('button', { name: 'Allow once' }).click();
  await here.page.getByText('answered here').waitFor();
  await result;
  await here.page.getByRole('link', { name: 'Network', exact: true }).click();
  await here.page.getByRole('button', { name: /allow localhost:9/ }).click();
  t.match(await here.page.getByLabel('The chosen decision').textContent(), /codexd-console/, 'it says who answered');
});

t.test('a dropped connection loses no item of a thread, without a reload', { skip }, async (t) => {
  const words = (text: string, id: string): readonly object[] => [
    event.created(),
    event.added({ ...event.message('', id), content: [] }),
    event.text(text, id),
  ];
  const scene = await consoleScene(t, [{ events: words('before the loss', 'm1'), hang: true }, say('said meanwhile')]);
  const here = await (await startBrowser(t))('about:blank');
  const { page } = here;
  await page.addInitScript(`
    globalThis.sockets = [];
    globalThis.WebSocket = class extends WebSocket {
      constructor(...args) {
        super(...args);
        globalThis.sockets.push(this);
        if (globalThis.lost) this.close();
      }
    };`);
  await page.goto(await scene.link());
  await opened(here);
  await startThread(here, scene.daemon.work, 'go');
  await page.getByText('before the loss').waitFor();
  const id = new URL(page.url()).hash.split('/').at(-1) ?? '';

  const other = await scene.daemon.connect();
  await page.evaluate('lost = true, sockets.at(-1).close()');
  await page.getByText('Reconnecting …').waitFor();
  const { thread } = await other.request('thread/resume', { threadId: id });
  const running = thread.turns.at(-1)?.id ?? '';
  await other.request('turn/interrupt', { threadId: id, turnId: running });
  await startTurnOf(other, id, 'and again');
  await page.evaluate('lost = false');

  await page.getByText('said meanwhile').waitFor();
  await page.getByText('turn interrupted').waitFor();
  t.equal(await page.getByText('before the loss').count(), 1, 'each item is there once');
  t.equal(await page.getByText('said meanwhile').count(), 1);
  t.equal(await page.evaluate('lost'), false, 'the page was not loaded again');
});

t.test('a thread is forked and archived, and taken back', { skip }, async (t) => {
  const scene = await consoleScene(t, [say('hello')]);
  const here = await (await startBrowser(t))(await scene.link());
  await opened(here);
  const { page } = here;
  await startThread(here, scene.daemon.work, 'remember this');
  await page.getByText('turn completed').waitFor();
  const first = page.url();
  await page.getByRole('button', { name: 'Fork' }).click();
  await page.waitForURL((url) => url.href !== first);
  await page.getByLabel('Timeline').getByText('remember this').waitFor();
  await page.getByRole('button', { name: 'Archive', exact: true }).click();
  await page.getByRole('button', { name: 'Unarchive' }).click();
  await page.getByRole('button', { name: 'Archive', exact: true }).waitFor();
  t.strictSame(here.faults, []);
});

/** Starts a turn, and waits for its end. */
async function startTurnOf(client: Client, threadId: string, text: string): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    client.onNotification('turn/completed', ({ turn }) => {
      if (turn.status === 'completed') resolve();
    });
  });
  await client.request('turn/start', { threadId, input: [{ type: 'text', text }] });
  await ended;
}
