/**
 * Firefox for one test of the console, over WebDriver BiDi: the driver of the other tests (playwright-core) knows only
 * a Firefox of its own. Without Firefox on PATH the test says so, and does not run.
 */
import type { Page } from 'puppeteer-core';
import type { Test } from 'tap';
import { findProgram } from './browser.js';

export const findFirefox = (): string | null => findProgram(['firefox-esr', 'firefox']);

export const NO_FIREFOX = 'NOT RUN: there is no firefox on PATH (Debian: apt-get install firefox-esr)';

export interface FirefoxVisit {
  readonly page: Page;
  /** Addresses of every request of the page. */
  readonly requests: readonly string[];
  /** Warnings and errors of the page's own console, what nobody caught, and each violation of the page's rules. */
  readonly faults: readonly string[];
}

/** Opens an address in a browser of its own, with cookies of its own. */
export async function visitWithFirefox(t: Pick<Test, 'teardown'>, address: string): Promise<FirefoxVisit> {
  const executablePath = findFirefox();
  if (executablePath === null) throw new Error(NO_FIREFOX);
  const { launch } = await import('puppeteer-core');
  const browser = await launch({ browser: 'firefox', executablePath, headless: true });
  t.teardown(() => browser.close());
  const page = await browser.newPage();
  await page.setViewport({ width: 1280, height: 860 });
  page.setDefaultTimeout(LIMIT_MS);
  const requests: string[] = [];
  const faults: string[] = [];
  page.on('request', (request) => {
    // What stands in the page itself leaves no browser.
    if (!request.url().startsWith('data:')) requests.push(request.url());
  });
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warn') faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  // Firefox reports violations to its own console, which no driver sees.
  await page.evaluateOnNewDocument(`document.addEventListener('securitypolicyviolation', (event) =>
    console.error('violation', event.violatedDirective, event.blockedURI, event.sample))`);
  await page.goto(address);
  return { page, requests, faults };
}

/** Milliseconds: a page that does not show something by then does not show it. */
const LIMIT_MS = 30_000;
