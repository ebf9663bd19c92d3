/** The console in a real browser, with a real daemon. */
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { PAGES } from '../../../clients/console/state/route.js';
import { proxiedConfig } from '../../fixtures/daemon.js';
import { event, items, say } from '../../fixtures/model-server.js';
import { ask } from '../../fixtures/turn-scene.js';
import { findBrowser, NOT_RUN, startBrowser } from './browser.js';
import { accessFaults, consoleScene, opened, startThread } from './console-scene.js';

// A browser and a daemon start on a busy machine.
t.setTimeout(240_000);

const skip = findBrowser() === null ? NOT_RUN : false;

t.test('a link opens the console once, and its token leaves the address', { skip }, async (t) => {
  const { origin, link } = await consoleScene(t, []);
  const visit = await startBrowser(t);
  const address = await link();
  const first = await visit(address);
  await opened(first);
  t.notOk(first.page.url().includes(new URL(address).hash.slice(1)), 'the token is not in the address');
  await first.page.reload();
  await opened(first);

  const second = await visit(address);
  await second.page.getByRole('button', { name: 'Sign in' }).waitFor();
  t.match(await second.page.textContent('.reason'), /used/, 'a used link says so');
  await second.page.getByLabel('Link or token').fill(await link());
  await second.page.getByRole('button', { name: 'Sign in' }).click();
  await opened(second);

  const third = await visit(`${origin}/#wrong-token`);
  await third.page.getByRole('button', { name: 'Sign in' }).waitFor();
});

t.test('a thread streams, survives a reload in the middle, and a hostile model stays text', { skip }, async (t) => {
  const hostile = [
    '**bold** <img src="https://evil.test/x.png" onerror="document.title=\'owned\'">',
    '<script>document.title="owned"</script>',
    '![picture](https://evil.test/p.png) [link](javascript:document.title="owned") [web](https://web.test/)',
  ].join('\n\n');
  const scene = await consoleScene(t, [
    {
      events: [event.created(), event.added({ ...event.message('', 'm1'), content: [] }), event.text('half a', 'm1')],
      hang: true,
    },
    say(hostile),
  ]);
  const here = await (await startBrowser(t))(await scene.link());
  await opened(here);
  await startThread(here, scene.daemon.work, 'hello <b>there</b>');
  await here.page.getByText('half a').waitFor();
  await here.page.reload();
  await here.page.getByText('half a').waitFor();
  await here.page.getByText('hello <b>there</b>').first().waitFor();
  await here.page.getByRole('button', { name: 'Interrupt' }).click();
  await here.page.getByText('turn interrupted').waitFor();

  await here.page.getByLabel('Message', { exact: true }).fill('again');
  await here.page.getByLabel('Message', { exact: true }).press('Enter');
  await here.page.getByText('turn completed').waitFor();
  t.equal(await here.page.locator('.markdown strong').textContent(), 'bold');
  t.equal(await here.page.locator('main img, main script').count(), 0, 'no element of the model is in the page');
  const web = here.page.getByRole('link', { name: 'web' });
  t.equal(await web.getAttribute('rel'), 'noreferrer noopener');
  t.equal(await here.page.locator('a[href^="javascript"]').count(), 0);
  t.notMatch(await here.page.title(), /owned/);
  const foreign = here.requests.filter((address) => new URL(address).host !== new URL(scene.origin).host);
  t.strictSame(foreign, [], 'no request leaves the daemon');
  t.strictSame(here.faults, [], 'the page breaks none of its own rules');
});

t.test('a command is approved with the keyboard alone, another is denied', { skip }, async (t) => {
  const escalated = (id: string, cmd: string): object =>
    event.call(
      'exec_command',
      { cmd, login: false, sandbox_permissions: 'require_escalated', justification: 'because' },
      id,
    );
  const scene = await consoleScene(t, [
    items(escalated('one', 'echo yes > approved.txt')),
    items(escalated('two', 'echo no > denied.txt')),
    say('done'),
  ]);
  const here = await (await startBrowser(t))(await scene.link());
  await opened(here);
  await startThread(here, scene.daemon.work, 'go');
  const question = here.page.getByRole('article', { name: /asks to run/ });
  await question.waitFor();
  t.match(await question.textContent(), /approved\.txt/);
  t.match(
    await here.page.locator('[role=status].unseen').textContent(),
    /Needs an approval/,
    'a screen reader hears of it',
  );
  await question.focus();
  await here.page.keyboard.press('a');
  await here.page.getByRole('article', { name: /denied\.txt/ }).waitFor();
  t.equal(fs.readFileSync(`${scene.daemon.work}/approved.txt`, 'utf8'), 'yes\n');
  await here.page.getByRole('article', { name: /denied\.txt/ }).focus();
  await here.page.keyboard.press('d');
  await here.page.getByText('turn completed').waitFor();
  t.notOk(fs.existsSync(`${scene.daemon.work}/denied.txt`));
});

t.test(
  'two browsers see one question about a host; a refusal in one ends the command, and is gone in the other',
  { skip },
  async (t) => {
    const scene = await consoleScene(
      t,
      [
        items(event.call('exec_command', { cmd: `${ask('localhost', 9, '/')}; sleep 60`, login: false }, 'net')),
        say('done'),
      ],
      proxiedConfig({}).trim(),
    );
    const visit = await startBrowser(t);
    const [one, two] = [await visit(await scene.link()), await visit(await scene.link())];
    await opened(one);
    await startThread(one, scene.daemon.work, 'go');
    const title = /asks for localhost/;
    await one.page.getByRole('article', { name: title }).waitFor();
    await two.page.goto(one.page.url());
    await two.page.getByRole('article', { name: title }).waitFor();
    await one.page
      .getByRole('article', { name: title })
      .getByRole('button', { name: 'Deny', exact: false })
      .first()
      .click();
    await two.page.getByRole('article', { name: title }).waitFor({ state: 'detached' });
    await two.page.getByText('Ended because it asked for').waitFor();
    await one.page.getByRole('link', { name: 'Network', exact: true }).click();
    await one.page.getByRole('button', { name: /deny localhost:9/ }).click();
    t.match(await one.page.getByLabel('The chosen decision').textContent(), /a person or reviewer refused it/);
  },
);

t.test('no page has a serious fault of accessibility, in both themes, and each fits a phone', { skip }, async (t) => {
  const scene = await consoleScene(t, [say('hello')]);
  const here = await (await startBrowser(t))(await scene.link());
  await opened(here);
  for (const scheme of ['light', 'dark'] as const) {
    await here.page.emulateMedia({ colorScheme: scheme });
    for (const name of PAGES) {
      await here.page.goto(`${scene.origin}/#/${name}`);
      await here.page.locator(`.page-${name} h1`).waitFor();
      t.strictSame(await accessFaults(here), [], `${name}, ${scheme}`);
    }
  }
  await here.page.setViewportSize({ width: 375, height: 720 });
  for (const name of PAGES) {
    await here.page.goto(`${scene.origin}/#/${name}`);
    await here.page.locator(`.page-${name} h1`).waitFor();
    const wide = await here.page.evaluate('document.documentElement.scrollWidth - innerWidth');
    t.ok(Number(wide) <= 0, `${name} is not wider than the phone`);
  }
});

t.test('a page of another origin gets no socket and no session', { skip }, async (t) => {
  const scene = await consoleScene(t, []);
  const visit = await startBrowser(t);
  const here = await visit(await scene.link());
  await opened(here);
  // The same browser, with the cookie, on a page of another port.
  const other = http.createServer((_request, response) => response.end('<!doctype html><title>other</title>'));
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  t.teardown(() => other.close());
  const page = await here.context.newPage();
  await page.goto(`http://127.0.0.1:${(other.address() as AddressInfo).port}/`);
  const outcome = await page.evaluate(async (origin) => {
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/console/socket`);
    const upgraded = await new Promise((resolve) => {
      socket.onopen = () => resolve(true);
      socket.onerror = () => resolve(false);
    });
    const fetched = await fetch(`${origin}/console/session`, { credentials: 'include' }).then(
      () => true,
      () => false,
    );
    return { upgraded, fetched };
  }, scene.origin);
  t.strictSame(outcome, { upgraded: false, fetched: false });
});

t.test('the frame is there before the script, and what is large is loaded by need only', { skip }, async (t) => {
  const scene = await consoleScene(t, [say('**hello**')]);
  const visit = await startBrowser(t);
  const held = await visit('about:blank');
  await held.context.route('**/console.js', () => {});
  await held.page.goto(scene.origin, { waitUntil: 'commit' });
  await held.page.getByText('Connecting …').first().waitFor();
  const entries = held.page.locator('nav li');
  const before = await entries.allTextContents();
  t.ok(await entries.first().isVisible());

  const here = await visit(await scene.link());
  await opened(here);
  t.strictSame(await here.page.locator('nav li').allTextContents(), before, 'the script draws the same frame');
  const loaded = (name: string): boolean => here.requests.some((address) => address.endsWith(`/console/${name}.js`));
  t.notOk(['terminal', 'markdown', 'methods'].some(loaded), 'nothing of that is shown yet');
  const size = fs.statSync('dist/console/console.js').size;
  t.ok(size < 170_000, `${size} bytes of script`);
  const paint = await here.page.evaluate(
    `performance.getEntriesByType('paint').find(({ name }) => name === 'first-contentful-paint')?.startTime ?? -1`,
  );
  t.comment(`first paint after ${Math.round(Number(paint))} ms`);
  await startThread(here, scene.daemon.work, 'go');
  t.equal(await here.page.locator('.markdown strong').textContent(), 'hello');
  t.ok(loaded('markdown') && !loaded('terminal'));
});

t.test('no text becomes markup: the browser refuses it, and any policy but that of DOMPurify', { skip }, async (t) => {
  const scene = await consoleScene(t, []);
  const here = await (await startBrowser(t))(await scene.link());
  await opened(here);
  const refused = async (code: string): Promise<unknown> =>
    here.page.evaluate(`(() => { try { ${code}; return 'accepted'; } catch (error) { return error.name; } })()`);
  t.equal(await refused(`document.body.innerHTML = '<b>text</b>'`), 'TypeError');
  t.equal(await refused(`document.createElement('script').src = '/console/console.js'`), 'TypeError');
  t.equal(await refused(`trustedTypes.createPolicy('other', { createHTML: (text) => text })`), 'TypeError');
  t.equal(await refused(`document.body.append('<b>text</b>')`), 'accepted', 'text stays possible');
});

t.test('a request is sent by hand: its method is completed, a fault of its params has a place', { skip }, async (t) => {
  const scene = await consoleScene(t, []);
  const here = await (await startBrowser(t))(await scene.link());
  await opened(here);
  const { page } = here;
  await page.getByRole('link', { name: 'Protocol log', exact: true }).click();
  await page.getByRole('button', { name: 'Request …' }).click();
  const form = page.getByRole('form', { name: 'Send a request' });
  await form.getByLabel('Method').focus();
  await form.locator('datalist option').nth(50).waitFor({ state: 'attached' });
  t.equal(await form.locator('datalist option[value="thread/list"]').count(), 1);
  await form.getByLabel('Method').fill('thread/list');
  const params = form.getByLabel('Params, as JSON');
  await params.fill('{\n  "limit": 1\n  "archived": false\n}');
  await form.getByText('Line 3, column 3: here must be a comma').waitFor();
  t.ok(await form.getByRole('button', { name: 'Send' }).isDisabled());
  await params.fill('{ "limit": 1 }');
  await form.getByRole('button', { name: 'Send' }).click();
  const answer = form.getByRole('region', { name: 'The answer' });
  await answer.getByText('Answered: thread/list').waitFor();
  await answer.getByText(/"data": \[\]/).waitFor();
  t.strictSame(await accessFaults(here), []);
  await page.setViewportSize({ width: 375, height: 720 });
  t.ok(Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth')) <= 0, 'it fits a phone');
  await page.setViewportSize({ width: 1280, height: 860 });

  await form.getByLabel('Method').fill('no/such');
  await form.getByRole('button', { name: 'Send' }).click();
  await answer.getByText('Refused: no/such').waitFor();
  await answer.getByText(/"code": -32/).waitFor();
  await page.getByLabel('Message contains').fill('no/such');
  await page.getByRole('button', { name: /request.*no\/such/ }).waitFor();
  t.strictSame(here.faults, []);
});
