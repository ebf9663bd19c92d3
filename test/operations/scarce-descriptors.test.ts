/** A daemon at its limit of open files: what holds them by habit gives way, and what gives them back works. */
import path from 'node:path';
import fs from 'node:fs';
import t, { type Test } from 'tap';
import type { Client } from '../../clients/typescript/index.js';
import { startDaemon } from '../fixtures/daemon.js';
import { elapse } from '../fixtures/until.js';

t.setTimeout(240_000);

/** So few that some forty threads are too many. */
const OPEN_FILES = 144;
const TURN = {
  events: [
    {
      type: 'item',
      item: { type: 'message', role: 'assistant', id: 'm', content: [{ type: 'output_text', text: 'yes' }] },
    },
    { type: 'completed', responseId: 'r', usage: null },
  ],
};

async function start(t: Test) {
  const folder = fs.mkdtempSync('/var/tmp/codexd-scarce-');
  const cassette = path.join(folder, 'tape.jsonl');
  fs.writeFileSync(cassette, `{"codexd_cassette":1}\n${`${JSON.stringify(TURN)}\n`.repeat(3)}`);
  const config = `model_provider = "tape"\n[model_providers.tape]\nname = "Tape"\nwire_api = "replay"\ncassette = ${JSON.stringify(cassette)}\n`;
  const daemon = await startDaemon({ config, openFiles: OPEN_FILES, args: ['--log-level', 'info'] });
  t.teardown(async () => {
    await daemon.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  });
  return daemon;
}

/** A thread with one turn in it; null: refused because too few descriptors are left. */
async function begin(client: Client): Promise<string | null> {
  try {
    const { thread } = await client.request('thread/start', {});
    const ended = new Promise<void>((resolve) => {
      const stop = client.onEveryNotification((method, params) => {
        if (method !== 'turn/completed' || (params as { threadId: string }).threadId !== thread.id) return;
        stop();
        resolve();
      });
    });
    await client.request('turn/start', { threadId: thread.id, input: [{ type: 'text', text: 'go' }] });
    await ended;
    return thread.id;
  } catch (error) {
    if (!/too many open files/.test((error as Error).message)) throw error;
    return null;
  }
}

t.test('unused threads are unloaded for new ones', async (t) => {
  const daemon = await start(t);
  const client = await daemon.connect();
  const begun: string[] = [];
  while (begun.length < OPEN_FILES / 2) {
    const id = await begin(client);
    if (id === null) {
      await elapse(200, 'all descriptors were in use a moment ago');
      continue;
    }
    begun.push(id);
    await client.request('thread/unsubscribe', { threadId: id });
  }
  t.match(daemon.stderr(), /thread unloaded early: few descriptors are left/);
  const { data } = await client.request('thread/loaded/list', {});
  t.ok(data.includes(begun.at(-1)!), 'the newest is loaded');
  t.notOk(data.includes(begun[0]!), 'the oldest is not');
  const { thread } = await client.request('thread/resume', { threadId: begun[0]! });
  t.equal(thread.turns.length, 1, 'and comes back when somebody asks for it');
  const { exitCode } = await client.request('command/exec', {
    command: ['true'],
    sandboxPolicy: { type: 'dangerFullAccess' },
  });
  t.equal(exitCode, 0);
});

t.test('at the limit, everything that frees descriptors works at its first use', async (t) => {
  const daemon = await start(t);
  const client = await daemon.connect();
  const held: string[] = [];
  for (;;) {
    const id = await begin(client);
    if (id === null) break;
    held.push(id);
  }
  t.ok(held.length > 20, `${held.length} threads with a subscriber were held`);
  t.equal(await begin(client), null, 'nothing of them is taken away: they are in use');
  await client.request('config/read', {});
  await client.request('thread/list', {});
  await client.request('thread/archive', { threadId: held[0]! });
  await client.request('thread/delete', { threadId: held[1]! });
  await t.rejects(client.request('thread/archive', { threadId: 'none' }), /invalid session id/);
  for (const threadId of held.slice(2, 8)) await client.request('thread/archive', { threadId });
  t.type(await begin(client), 'string', 'there is room again');
  t.notMatch(daemon.stderr(), /pino|cannot be loaded|not unloaded in order|EMFILE: too many open files/);
});
