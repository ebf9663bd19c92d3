/** The console in Firefox: it loads, a thread streams, a question is answered, and no rule of the page is broken. */
import fs from 'node:fs';
import t, { type Test } from 'tap';
import { PAGES } from '../../../clients/console/state/route.js';
import { event, items, say } from '../../fixtures/model-server.js';
import { until } from '../../fixtures/until.js';
import { consoleScene, type ConsoleScene } from './console-scene.js';
import { findFirefox, NO_FIREFOX, visitWithFirefox, type FirefoxVisit } from './firefox.js';

// A browser and a daemon start on a busy machine.
t.setTimeout(240_000);

const skip = findFirefox() === null ? NO_FIREFOX : false;

/** Something with this text is on the page. */
const text = ({ page }: FirefoxVisit, words: string): Promise<unknown> => page.locator(`::-p-text(${words})`).wait();
const button = ({ page }: FirefoxVisit, name: string) => page.locator(`::-p-aria([name="${name}"][role="button"])`);
const field = ({ page }: FirefoxVisit, label: string) => page.locator(`::-p-aria([name="${label}"][role="textbox"])`);

async function start(here: FirefoxVisit, folder: string, message: string): Promise<void> {
  await here.page.locator('nav a[href="#/threads"]').click();
  await button(here, 'New').click();
  await field(here, 'Folder').fill(folder);
  await button(here, 'Start the thread').click();
  await send(here, message);
}

async function send(here: FirefoxVisit, message: string): Promise<void> {
  await field(here, 'Message').fill(message);
  await here.page.keyboard.press('Enter');
}

/** No request left the daemon, and the page broke none of its rules. */
function isClean(t: Test, here: FirefoxVisit, scene: ConsoleScene): void {
  const { host } = new URL(scene.origin);
  t.ok(here.requests.length > 0);
  t.strictSame(
    here.requests.filter((address) => new URL(address).host !== host),
    [],
    'no request leaves the daemon',
  );
  t.strictSame(here.faults, [], 'the page breaks none of its own rules');
}

t.test('a thread streams and survives a reload, and a hostile model stays text', { skip }, async (t) => {
  const hostile = [
    '**bold** <img src="https://evil.test/x.png" onerror="document.title=\'owned\'">',
    '<script>document.title="owned"</script>',
    '![picture](https://evil.test/p.png) [web](https://web.test/)',
  ].join('\n\n');
  const half = [event.created(), event.added({ ...event.message('', 'm1'), content: [] }), event.text('half a', 'm1')];
  const scene = await consoleScene(t, [{ events: half, hang: true }, say(hostile)]);
  const address = await scene.link();
  const here = await visitWithFirefox(t, address);
  await text(here, 'Connected');
  t.notOk(here.page.url().includes(new URL(address).hash.slice(1)), 'the token is not in the address');
  await start(here, scene.daemon.work, 'hello');
  await text(here, 'half a');
  await here.page.reload();
  await text(here, 'half a');
  await button(here, 'Interrupt').click();
  await text(here, 'turn interrupted');
  await send(here, 'again');
  await text(here, 'turn completed');
  await here.page.locator('.markdown strong').wait();
  t.equal(await here.page.$eval('.markdown strong', (strong) => strong.textContent), 'bold');
  t.equal((await here.page.$$('main img, main script')).length, 0, 'no element of the model is in the page');
  t.notMatch(await here.page.title(), /owned/);
  isClean(t, here, scene);
});

t.test('a question is answered with a key, and another one with a button', { skip }, async (t) => {
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
  const here = await visitWithFirefox(t, await scene.link());
  await text(here, 'Connected');
  await start(here, scene.daemon.work, 'go');
  const question = here.page.locator('article.question');
  await question.wait();
  await here.page.focus('article.question');
  await here.page.keyboard.press('a');
  await text(here, 'echo no > denied.txt');
  await here.page.locator('article.question .choice-deny').click();
  await text(here, 'turn completed');
  t.equal(fs.readFileSync(`${scene.daemon.work}/approved.txt`, 'utf8'), 'yes\n');
  t.notOk(fs.existsSync(`${scene.daemon.work}/denied.txt`));
  isClean(t, here, scene);
});

t.test('a terminal takes input, every page is drawn, and text does not become markup', { skip }, async (t) => {
  const scene = await consoleScene(t, []);
  const owner = await scene.daemon.connect();
  const result = owner.request('command/exec', {
    command: ['bash', '-c', 'echo ready; read -r line; echo "got:$line"'],
    processId: 'p',
    tty: true,
    size: { rows: 10, cols: 40 },
    streamStdin: true,
    streamStdoutStderr: true,
    disableTimeout: true,
  });
  let output = '';
  owner.onNotification('command/exec/outputDelta', ({ deltaBase64 }) => {
    output += Buffer.from(deltaBase64, 'base64').toString();
  });
  const here = await visitWithFirefox(t, await scene.link());
  await text(here, 'Connected');
  for (const name of PAGES) {
    await here.page.goto(`${scene.origin}/#/${name}`);
    await here.page.locator(`.page-${name} h1`).wait();
  }
  await here.page.goto(`${scene.origin}/#/commands`);
  await here.page.locator('.command-row').click();
  await here.page.locator('.xterm-rows ::-p-text(ready)').wait();
  await here.page.locator('.terminal-place').click();
  await here.page.keyboard.type('hello');
  await here.page.keyboard.press('Enter');
  t.equal((await result).exitCode, 0);
  await until(() => output.includes('got:hello'), 'the command got the line');
  isClean(t, here, scene);

  const refused = await here.page.evaluate(
    `(() => { try { document.body.innerHTML = '<b>text</b>'; return 'accepted'; } catch (error) { return error.name; } })()`,
  );
  const hasTrustedTypes = await here.page.evaluate(`'trustedTypes' in window`);
  t.equal(refused, hasTrustedTypes === true ? 'TypeError' : 'accepted', 'as in Chromium, where this Firefox can');
  await here.page.goto(`${scene.origin}/#/overview`);
  await here.page.reload();
  await text(here, 'Connected');
  await here.page.evaluate(`fetch('https://evil.test/').catch(() => {})`);
  await until(() => here.faults.some((fault) => fault.includes('evil.test')), 'a violation would have been seen');
  await here.page.setViewport({ width: 375, height: 720 });
  for (const name of PAGES) {
    await here.page.goto(`${scene.origin}/#/${name}`);
    await here.page.locator(`.page-${name} h1`).wait();
    const wide = await here.page.evaluate('document.documentElement.scrollWidth - innerWidth');
    t.ok(Number(wide) <= 0, `${name} is not wider than the phone`);
  }
});
