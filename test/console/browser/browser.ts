/** A real browser for the tests of the console. Without one on PATH they say so, and do not run. */
import fs from 'node:fs';
import path from 'node:path';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import type { Test } from 'tap';

/** It starts nothing in the background and speaks with nobody else. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  // Containers have little of it, and the browser ends without it.
  '--disable-dev-shm-usage',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The program, or null: this machine has none. */
export const findBrowser = (): string | null => findProgram(['chromium', 'chromium-browser', 'google-chrome']);

/** The first of the names that is on PATH. */
export function findProgram(names: readonly string[]): string | null {
  for (const name of names)
    for (const folder of (process.env['PATH'] ?? '').split(path.delimiter)) {
      const file = path.join(folder, name);
      if (fs.existsSync(file)) return file;
    }
  return null;
}

export const NOT_RUN = 'NOT RUN: there is no chromium on PATH (Debian: apt-get install chromium)';

export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Addresses of every request of the page. */
  readonly requests: readonly string[];
  /** Messages of the page's own console, and errors that nobody caught. */
  readonly faults: readonly string[];
}

/** Starts the browser. Each visit has cookies of its own. */
export async function startBrowser(t: Pick<Test, 'teardown'>): Promise<(address: string) => Promise<Visit>> {
  const executablePath = findBrowser();
  if (executablePath === null) throw new Error(NOT_RUN);
  const browser: Browser = await chromium.launch({ executablePath, args: FLAGS });
  t.teardown(() => browser.close());
  return async (address) => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
    const page = await context.newPage();
    page.setDefaultTimeout(LIMIT_MS);
    const requests: string[] = [];
    const faults: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    page.on('websocket', (socket) => requests.push(socket.url()));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
    });
    page.on('pageerror', (error) => faults.push(String(error)));
    await page.goto(address);
    return { page, context, requests, faults };
  };
}

/** Milliseconds: a page that does not show something by then does not show it. */
const LIMIT_MS = 30_000;
