/**
 * The conversations of the documents (`jsonl exchange`) are had with a daemon whose model is scripted.
 *
 * `→` lines are sent as they stand; a `←` line waits for a message that holds everything in it. `…` stands for any
 * text. A word in capitals stands for one text, the same throughout: what came first under it.
 */
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import t, { type Test } from 'tap';
import { packageRoot } from '../../server/package/package-root.js';
import { modelConfig } from '../fixtures/model-config.js';
import { event, say, startModelServer } from '../fixtures/model-server.js';
import { documents, fencesOf, type Fence } from './fences.js';
import { startChild } from '../fixtures/programs.js';

t.setTimeout(120_000);

const exchanges = documents()
  .flatMap(fencesOf)
  .filter(({ marks }) => marks.has('exchange'));
t.ok(exchanges.length > 0);
for (const exchange of exchanges) t.test(exchange.place, (t) => replay(t, exchange));

/** What the model does in each: one command outside of the sandbox, then words. */
async function startModel() {
  const call = event.call('exec_command', {
    cmd: 'echo hello > greeting.txt',
    login: false,
    sandbox_permissions: 'require_escalated',
    justification: 'May I write the greeting?',
  });
  return startModelServer(
    [event.created(), event.added(call), event.done(call), event.completed()],
    say('The greeting is written.'),
  );
}

async function replay(t: Test, { text, place }: Fence): Promise<void> {
  const root = fs.realpathSync(t.testdir({ home: {}, work: {} }));
  const work = path.join(root, 'work');
  const model = await startModel();
  t.teardown(() => model.close());
  const config = modelConfig(model.url).replace('approval_policy = "never"', 'approval_policy = "on-request"');
  fs.writeFileSync(path.join(root, 'home', 'config.toml'), config);
  const daemon = startChild(process.execPath, [path.join(packageRoot(), 'bin', 'codexd.cjs'), 'app-server'], {
    cwd: work,
    env: { HOME: root, CODEX_HOME: path.join(root, 'home') },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  // Gone before its folder is removed.
  const gone = once(daemon, 'exit');
  t.teardown(() => (daemon.kill('SIGKILL'), gone));
  const messages = readline.createInterface({ input: daemon.stdout })[Symbol.asyncIterator]();
  const names = new Map([['FOLDER', work]]);
  let messagesSent = 0;
  for (const line of text.trimEnd().split('\n')) {
    const [, arrow, json = ''] = /^([→←]) (.*)$/.exec(line) ?? [];
    if (arrow === undefined) throw new Error(`${place}: ${line} begins with no arrow`);
    const said: unknown = JSON.parse(json);
    if (arrow === '→') {
      messagesSent++;
      daemon.stdin.write(`${JSON.stringify(filledIn(said, names))}\n`);
      continue;
    }
    await arrival(said, messages, names, `${place}: ${json}`);
    t.pass(json);
  }
  t.ok(messagesSent > 0);
}

/** Waits for the message. Throws when the daemon ends before it has come. */
async function arrival(
  wanted: unknown,
  messages: AsyncIterator<string>,
  names: Map<string, string>,
  what: string,
): Promise<void> {
  const seen: string[] = [];
  for (;;) {
    const { value, done } = await messages.next();
    if (done === true) throw new Error(`${what} did not come; there came\n${seen.join('\n')}`);
    seen.push(value);
    const found = new Map(names);
    if (!holds(JSON.parse(value), wanted, found)) continue;
    for (const [name, text] of found) names.set(name, text);
    return;
  }
}

const isName = (text: string): boolean => /^[A-Z]+$/.test(text);

function filledIn(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') {
    if (!isName(value)) return value;
    const text = names.get(value);
    if (text === undefined) throw new Error(`${value} has not come yet`);
    return text;
  }
  if (Array.isArray(value)) return value.map((item) => filledIn(item, names));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filledIn(item, names)]));
}

/** Whether everything in `wanted` is in `real`. */
function holds(real: unknown, wanted: unknown, names: Map<string, string>): boolean {
  if (typeof wanted === 'string') {
    if (typeof real !== 'string') return false;
    if (wanted === '…') return true;
    if (!isName(wanted)) return real === wanted;
    const known = names.get(wanted);
    if (known === undefined) names.set(wanted, real);
    return known === undefined || known === real;
  }
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(real) && real.length === wanted.length && wanted.every((item, n) => holds(real[n], item, names))
    );
  }
  if (typeof wanted !== 'object' || wanted === null) return real === wanted;
  if (typeof real !== 'object' || real === null) return false;
  return Object.entries(wanted).every(([key, item]) => holds((real as Record<string, unknown>)[key], item, names));
}
