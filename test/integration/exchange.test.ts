/** Threads of codexd and of the official program: each lists, reads, resumes and continues the threads of the other. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import type { Client } from '../../clients/typescript/index.js';
import type { ThreadItem } from '../../schema/protocol/threads/item.js';
import type { Turn } from '../../schema/protocol/threads/turn.js';
import { modelConfig } from '../fixtures/model-config.js';
import { startModelServer } from '../fixtures/model-server.js';
import { findReference, NOT_INSTALLED } from '../sessions/store/reference-program.js';
import { listed } from './durability/check.js';
import { ours, runTurn, startProgram, theirs } from './durability/programs.js';
import { runToEnd } from '../fixtures/programs.js';

/** Threads that each side writes, half of them paginated and half legacy, and forks of two of them. */
const COUNT = 8;
const PACKED = 0;
const ARCHIVED = 5;

interface Written {
  readonly id: string;
  readonly mode: string;
  readonly name: string | null;
  readonly archived: boolean;
  readonly fork: boolean;
  /** What the user said, in order. */
  readonly said: string[];
  turns: Brief[];
}
type Brief = readonly [id: string, status: string, items: readonly string[]];

const brief = (turns: readonly Turn[]): Brief[] =>
  turns.map(({ id, status, items }) => [id, status, items.map(itemText)]);
const itemText = (item: ThreadItem): string => {
  if (item.type === 'userMessage')
    return `user: ${item.content.map((part) => (part.type === 'text' ? part.text : '')).join('')}`;
  return item.type === 'agentMessage' ? `agent: ${item.text}` : item.type;
};

async function write(client: Client): Promise<Written[]> {
  const written: Written[] = [];
  for (let n = 0; n < COUNT; n++) {
    const mode = n % 2 === 0 ? 'paginated' : 'legacy';
    const { thread } = await client.request('thread/start', { historyMode: mode });
    const said = [`question-${n}-a`, `question-${n}-b`];
    for (const text of said) await runTurn(client, thread.id, text);
    const name = n % 3 === 0 ? `name ${n}` : null;
    if (name !== null) await client.request('thread/name/set', { threadId: thread.id, name });
    const archived = n === ARCHIVED;
    if (archived) await client.request('thread/archive', { threadId: thread.id });
    written.push({ id: thread.id, mode, name, archived, fork: false, said, turns: [] });
    if (n !== 2 && n !== 3) continue;
    const { thread: fork } = await client.request('thread/fork', { threadId: thread.id, excludeTurns: true });
    await runTurn(client, fork.id, `in-the-fork-${n}`);
    written.push({
      id: fork.id,
      mode,
      name,
      archived: false,
      fork: true,
      said: [...said, `in-the-fork-${n}`],
      turns: [],
    });
  }
  for (const thread of written) thread.turns = await turnsOf(client, thread.id);
  return written;
}

async function turnsOf(client: Client, threadId: string): Promise<Brief[]> {
  return brief((await client.request('thread/read', { threadId, includeTurns: true })).thread.turns);
}

const program = findReference();
if (program === null) t.plan(0, NOT_INSTALLED);
else
  for (const [writer, reader] of [
    [ours(), theirs(program)],
    [theirs(program), ours()],
  ] as const)
    t.test(`${reader.name} continues a thread of ${writer.name}, and back`, async (t) => {
      const root = fs.realpathSync(fs.mkdtempSync('/var/tmp/codexd-exchange-'));
      t.teardown(() => fs.rmSync(root, { recursive: true, force: true }));
      for (const name of ['home', 'work']) fs.mkdirSync(path.join(root, name));
      const model = await startModelServer();
      t.teardown(() => model.close());
      fs.writeFileSync(path.join(root, 'home', 'config.toml'), modelConfig(model.url));
      const begin = async (which: typeof writer | typeof reader): Promise<Client> => {
        const client = await startProgram(which, root);
        t.teardown(() => client.close());
        return client;
      };
      /** Resumes, says one thing more, and compares what the model was sent with what was said before. */
      const goOn = async (client: Client, thread: Written, text: string): Promise<void> => {
        const { id: threadId } = thread;
        await client.request('thread/resume', { threadId, excludeTurns: true }).catch((error: unknown) => {
          throw new Error(`resume of ${JSON.stringify(thread)}: ${String(error)}`);
        });
        await runTurn(client, threadId, text);
        thread.said.push(text);
        const sent = JSON.stringify(model.requests.at(-1)?.body['input']);
        const seen = thread.said.map((each) => [each, sent.split(each).length - 1]);
        t.strictSame(
          seen,
          thread.said.map((each) => [each, 1]),
          `the model is told once what was said in ${thread.mode} ${threadId}`,
        );
      };

      const first = await begin(writer);
      const written = await write(first);
      await first.close();
      const packed = runToEnd('zstd', ['-q', '--rm', rolloutOf(root, written[PACKED]?.id ?? '')]).exitCode === 0;
      if (!packed) t.comment('without a compressed thread: there is no zstd program');

      const second = await begin(reader);
      for (const archived of [false, true])
        t.strictSame(
          (await listed(second, archived)).sort(),
          written
            .filter((thread) => thread.archived === archived)
            .map(({ id }) => id)
            .sort(),
          `listed (archived ${archived})`,
        );
      for (const thread of written) {
        const { id: threadId, archived, mode, fork, name } = thread;
        if (archived) await second.request('thread/unarchive', { threadId });
        const { thread: read } = await second.request('thread/read', { threadId });
        // From a file alone, the official program knows of a paginated fork what was said in it.
        if (reader.name === 'codexd' || mode === 'legacy' || !fork) t.equal(read.preview, thread.said[0]);
        // The official program keeps names of paginated threads in its own database only
        // (docs/protocol/threads.md §12.4).
        if (reader.name === 'codexd' || mode === 'legacy') t.equal(read.name, name, `name of ${mode} ${threadId}`);
        await goOn(second, thread, `gone-on-${threadId}`);
        const turns = await turnsOf(second, threadId);
        // It shows turns of another file when that was resumed before, which is so here: sources come before forks.
        t.strictSame(turns.slice(0, -1), thread.turns, `turns of ${mode} ${fork ? 'fork' : 'thread'} ${threadId}`);
        thread.turns = turns;
      }
      if (packed) t.ok(fs.existsSync(rolloutOf(root, written[PACKED]?.id ?? '')), 'plain again');
      await second.close();

      const third = await begin(writer);
      t.strictSame((await listed(third, false)).sort(), written.map(({ id }) => id).sort());
      for (const thread of written) {
        // Its database remembers what it archived itself, wherever the file is now.
        if (thread.archived && writer.name === 'reference') continue;
        await goOn(third, thread, `back-${thread.id}`);
        t.strictSame((await turnsOf(third, thread.id)).slice(0, -1), thread.turns, `turns of ${thread.id}`);
      }
      await third.close();
    });

/** The plain path of a thread's file. */
function rolloutOf(root: string, id: string): string {
  const sessions = path.join(root, 'home', 'sessions');
  const name = fs
    .readdirSync(sessions, { recursive: true, encoding: 'utf8' })
    .find((each) => each.endsWith(`${id}.jsonl`));
  return path.join(sessions, name ?? `${id} is not there`);
}
