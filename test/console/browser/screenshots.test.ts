/**
 * The pictures of docs/console.md. They are taken only where CODEXD_SCREENSHOTS=1, because each run makes other bytes:
 * `CODEXD_SCREENSHOTS=1 npm test -- test/console/browser/screenshots.test.ts`.
 */
import fs from 'node:fs';
import t from 'tap';
import { PAGES } from '../../../clients/console/state/route.js';
import { proxiedConfig } from '../../fixtures/daemon.js';
import { event, items, say } from '../../fixtures/model-server.js';
import { ask } from '../../fixtures/turn-scene.js';
import { findBrowser, NOT_RUN, startBrowser } from './browser.js';
import { consoleScene } from './console-scene.js';

t.setTimeout(240_000);
const wanted = process.env['CODEXD_SCREENSHOTS'] === '1';
const skip = !wanted ? 'pictures are taken with CODEXD_SCREENSHOTS=1' : findBrowser() === null ? NOT_RUN : false;
const FOLDER = 'docs/console';

t.test('each page has its picture', { skip }, async (t) => {
  const run = (id: string, cmd: string): object =>
    event.call('exec_command', { cmd, login: false, yield_time_ms: 500 }, id);
  const scene = await consoleScene(
    t,
    [
      items(run('one', 'for i in 1 2 3; do echo "checking part $i of 3"; done')),
      items(run('two', ask('denied.test', 80, '/'))),
      items(run('three', ask('localhost', 9, '/'))),
      say('done'),
    ],
    proxiedConfig({ 'denied.test': 'deny' }).trim(),
  );
  const { page } = await (await startBrowser(t))(await scene.link());
  await page.goto(`${scene.origin}/#/threads`);
  await page.getByRole('button', { name: 'New' }).click();
  await page.getByLabel('Folder').fill(scene.daemon.work);
  await page.getByRole('button', { name: 'Start the thread' }).click();
  await page.getByLabel('Message', { exact: true }).fill('Check all parts, and ask both hosts for news.');
  await page.getByLabel('Message', { exact: true }).press('Enter');
  await page.getByRole('article', { name: /asks for localhost/ }).waitFor();
  const thread = page.url();
  fs.mkdirSync(FOLDER, { recursive: true });
  // Nothing is under the pointer.
  await page.mouse.move(1, 679);
  await page.setViewportSize({ width: 1100, height: 680 });
  for (const name of PAGES) {
    await page.goto(name === 'threads' ? thread : `${scene.origin}/#/${name}`);
    await page.locator(`.page-${name} h1`).waitFor();
    if (name === 'network') await page.getByRole('button', { name: /deny denied\.test/ }).click();
    if (name === 'network') await page.getByRole('button', { name: 'Write this rule' }).waitFor();
    if (name === 'commands') await page.locator('.command-row').first().click();
    if (name === 'overview') await page.getByRole('link', { name: '1 commands running' }).waitFor();
    if (name === 'configuration') await page.locator('.rows li').first().waitFor();
    await page.evaluate('document.fonts.ready');
    // The details of a decision are long, and their end is what they are for.
    const fullPage = name === 'network';
    await page.screenshot({ path: `${FOLDER}/${name}.png`, animations: 'disabled', fullPage });
    t.ok(fs.statSync(`${FOLDER}/${name}.png`).size > 5000, name);
  }
});
