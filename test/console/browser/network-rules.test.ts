/** The network page changes what it explains: a rule is shown, written, and counts; a host is allowed for a session. */
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { proxiedConfig } from '../../fixtures/daemon.js';
import { event, items, say, type Step } from '../../fixtures/model-server.js';
import { ask } from '../../fixtures/turn-scene.js';
import { findBrowser, NOT_RUN, startBrowser, type Visit } from './browser.js';
import { accessFaults, consoleScene, opened, startThread } from './console-scene.js';

// A browser and a daemon start on a busy machine.
t.setTimeout(240_000);

const skip = findBrowser() === null ? NOT_RUN : false;

/** A server of this machine that counts its requests. */
async function target(t: Test): Promise<{ readonly port: number; readonly seen: () => number }> {
  let seen = 0;
  const server = http.createServer((_request, response) => {
    seen++;
    response.end('pong');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  return { port: (server.address() as AddressInfo).port, seen: () => seen };
}

const asks = (port: number, id: string): Step =>
  items(event.call('exec_command', { cmd: ask('localhost', port, '/'), login: false }, id));

async function sendAgain({ page }: Visit, turn: number): Promise<void> {
  await page.getByLabel('Message', { exact: true }).fill('again');
  await page.getByLabel('Message', { exact: true }).press('Enter');
  await page
    .getByText('turn completed')
    .nth(turn - 1)
    .waitFor();
}

async function openDecision({ page }: Visit, name: RegExp) {
  await page.getByRole('link', { name: 'Network', exact: true }).click();
  await page.getByRole('button', { name }).first().click();
  return page.getByLabel('The chosen decision');
}

t.test('a command is denied; one click shows the rule, the next one writes it, and it passes', { skip }, async (t) => {
  const { port, seen } = await target(t);
  const scene = await consoleScene(
    t,
    [asks(port, 'one'), say('no'), asks(port, 'two'), say('yes')],
    proxiedConfig({ localhost: 'deny' }).trim(),
  );
  const here = await (await startBrowser(t))(await scene.link());
  await opened(here);
  await startThread(here, scene.daemon.work, 'go');
  await here.page.getByText('turn completed').waitFor();
  const thread = here.page.url();
  t.equal(seen(), 0);

  const detail = await openDecision(here, /deny localhost/);
  await detail.getByText('[permissions.test.network.domains] localhost = "allow"').waitFor();
  t.match(await detail.textContent(), /config\.toml/, 'the file is named');
  t.strictSame(await accessFaults(here), []);
  await detail.getByRole('button', { name: 'Write this rule' }).click();
  await here.page.getByText('The rule is written.').waitFor();
  await detail.locator('.verdict .badge', { hasText: 'allow' }).waitFor();
  t.equal(await detail.getByRole('button', { name: 'Write this rule' }).count(), 0, 'it is so now');
  t.match(fs.readFileSync(`${scene.daemon.home}/config.toml`, 'utf8'), /"?localhost"? = "allow"/);

  await here.page.goto(thread);
  await sendAgain(here, 2);
  t.equal(seen(), 1, 'the same command of the same thread reaches the host');
  const allowed = await openDecision(here, /allow localhost/);
  await allowed.getByText(`"localhost:${port}" = "deny"`).waitFor();
  t.strictSame(here.faults, []);
});

t.test('a change of the file in between is a conflict, which is shown and not overwritten', { skip }, async (t) => {
  const { port } = await target(t);
  const scene = await consoleScene(t, [asks(port, 'one'), say('no')], proxiedConfig({ localhost: 'deny' }).trim());
  const here = await (await startBrowser(t))(await scene.link());
  await opened(here);
  await startThread(here, scene.daemon.work, 'go');
  await here.page.getByText('turn completed').waitFor();
  const detail = await openDecision(here, /deny localhost/);
  const button = detail.getByRole('button', { name: 'Write this rule' });
  await button.waitFor();
  const other = await scene.daemon.connect();
  await other.request('config/value/write', {
    keyPath: 'permissions.test.network.domains."other.test"',
    value: 'deny',
    mergeStrategy: 'replace',
  });
  await button.click();
  await detail.getByText(/The rule was not written: .*modified since last read/).waitFor();
  t.match(fs.readFileSync(`${scene.daemon.home}/config.toml`, 'utf8'), /"?localhost"? = "deny"/);
  await button.click();
  await here.page.getByText('The rule is written.').waitFor();
  t.match(fs.readFileSync(`${scene.daemon.home}/config.toml`, 'utf8'), /"other\.test" = "deny"/, 'both are there');
});

/** Asks the policy about a host, without a request. */
async function asksPolicy({ page }: Visit, host: string): Promise<void> {
  await page.getByRole('link', { name: 'Network', exact: true }).click();
  await page.getByLabel('Host, or host:port').fill(host);
  await page.getByRole('button', { name: 'Ask the policy' }).click();
}

t.test('where a rule of somebody else wins, its place is named, and there is no button', { skip }, async (t) => {
  const system = t.testdir({
    'requirements.toml': '[experimental_network]\nenabled = true\n[experimental_network.domains]\n"no.test" = "deny"\n',
  });
  const scene = await consoleScene(t, [], proxiedConfig({ '*.denied.test': 'deny' }).trim(), {
    CODEXD_SYSTEM_CONFIG_DIR: fs.realpathSync(system),
  });
  const here = await (await startBrowser(t))(await scene.link());
  await opened(here);
  await asksPolicy(here, 'a.denied.test');
  await here.page.getByText(/No rule of yours allows it.*change it there by hand/).waitFor();
  await asksPolicy(here, 'no.test');
  await here.page.getByText(/No rule of yours allows it.*requirements\.toml.*the administrator can change/).waitFor();
  t.equal(await here.page.getByRole('button', { name: 'Write this rule' }).count(), 0);
});

t.test('a built-in profile has no table: the rule is one of all profiles, which is said', { skip }, async (t) => {
  const profile =
    'sandbox_mode = "workspace-write"\n[sandbox_workspace_write]\nnetwork_access = true\n[features]\nnetwork_proxy = true';
  const scene = await consoleScene(t, [], profile);
  const here = await (await startBrowser(t))(await scene.link());
  await opened(here);
  await asksPolicy(here, 'a.test');
  const { page } = here;
  await page.getByText('[features.network_proxy.domains] "a.test:443" = "allow"').waitFor();
  await page.getByText(/counts for the commands of every profile/).waitFor();
  await page.getByRole('button', { name: 'Write this rule' }).click();
  await page.getByText(/`a\.test:443` allows/).waitFor();
  await page.getByText('"a.test:443" = "deny"').waitFor();
});

t.test('a refused host is allowed for the session of its thread, without a file', { skip }, async (t) => {
  const { port, seen } = await target(t);
  const scene = await consoleScene(
    t,
    [asks(port, 'one'), say('no'), asks(port, 'two'), say('yes')],
    proxiedConfig({}).trim(),
  );
  const here = await (await startBrowser(t))(await scene.link());
  await opened(here);
  await startThread(here, scene.daemon.work, 'go');
  const question = here.page.getByRole('article', { name: /asks for localhost/ });
  await question.getByRole('button', { name: 'Deny', exact: false }).first().click();
  await here.page.getByText('turn completed').waitFor();
  const thread = here.page.url();
  const before = fs.readFileSync(`${scene.daemon.home}/config.toml`, 'utf8');

  const detail = await openDecision(here, /deny localhost/);
  const allow = detail.getByRole('button', { name: 'Allow for the session' });
  await allow.waitFor();
  t.strictSame(await accessFaults(here), []);
  await here.page.setViewportSize({ width: 375, height: 720 });
  t.ok(Number(await here.page.evaluate('document.documentElement.scrollWidth - innerWidth')) <= 0, 'it fits a phone');
  await here.page.setViewportSize({ width: 1280, height: 860 });
  await allow.click();
  await detail.getByText(/allowed localhost:\d+ for the session/).waitFor();
  await here.page.goto(thread);
  await sendAgain(here, 2);
  t.equal(seen(), 1, 'without a question');
  t.equal(fs.readFileSync(`${scene.daemon.home}/config.toml`, 'utf8'), before);
});
