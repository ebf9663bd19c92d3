/**
 * npm run kill-rounds [-- --rounds N --seed S --keep]: a daemon under load is killed with SIGKILL at a random moment,
 * again and again on the same home; after each restart everything that it had acknowledged must be there.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { ServerError, type Client } from '../../../clients/typescript/index.js';
import { startDaemon } from '../../fixtures/daemon.js';
import { startModelServer, type ModelServer } from '../../fixtures/model-server.js';
import { modelConfig } from '../../fixtures/model-config.js';
import { checkFiles, checkLists, checkModelHistory, checkThread, resumeThread } from './check.js';
import { createLedger, type KnownThread, type Ledger } from './ledger.js';
import { createWorker, isGone, seeded, type Random } from './work.js';
import { elapse, until } from '../../fixtures/until.js';

const WORKERS = 4;
/** The moment of the kill after the load began, in ms. */
const MOMENT_MS = { from: 10, to: 500 };
/** Threads a round whose model is asked. */
const ASKED = 2;

export interface KillReport {
  readonly rounds: number;
  readonly acknowledged: number;
  readonly threads: number;
  readonly files: number;
}

export interface KillOptions {
  readonly rounds: number;
  readonly seed: number;
  /** A folder that stays; made by the caller. */
  readonly root: string;
  /** No further round is begun when this much time is over, in ms. */
  readonly limitMs?: number;
  readonly onRound?: (round: number, ledger: Ledger) => void;
}

/** Throws an AssertionError that names what is missing, doubled or unreadable. */
export async function killRounds({ rounds, seed, root, limitMs, onRound }: KillOptions): Promise<KillReport> {
  const model = await startModelServer();
  const ledger = createLedger();
  const random = seeded(seed);
  const owned: KnownThread[][] = Array.from({ length: WORKERS }, () => []);
  const begun = performance.now();
  let round = 0;
  try {
    for (; round < rounds && performance.now() - begun < (limitMs ?? Infinity); round++) {
      await oneRound({ root, model, ledger, random, owned });
      onRound?.(round + 1, ledger);
    }
    const files = await lastLook(root, model, ledger);
    const threads = [...ledger.threads.values()].filter(({ deleted }) => !deleted).length;
    return { rounds: round, acknowledged: ledger.acknowledged, threads, files };
  } finally {
    await model.close();
  }
}

interface Round {
  readonly root: string;
  readonly model: ModelServer;
  readonly ledger: Ledger;
  readonly random: Random;
  readonly owned: KnownThread[][];
}

async function oneRound({ root, model, ledger, random, owned }: Round): Promise<void> {
  const daemon = await startDaemon({ root, config: modelConfig(model.url) });
  const clients: Client[] = [];
  let dead = false;
  try {
    const first = await daemon.connect();
    clients.push(first);
    await check(first, { model, ledger, random, owned });
    const workers = [];
    for (const mine of owned) {
      const client = await daemon.connect();
      clients.push(client);
      workers.push(createWorker({ client, ledger, mine, random }));
    }
    const load = workers.map((worker) =>
      worker
        .run(() => dead)
        .catch((error: unknown) => {
          if (!isGone(error)) throw error;
        }),
    );
    const done = Promise.all(load);
    done.catch(() => undefined);
    // Three rounds of four have something to lose, however slow the machine is.
    if (random(4) > 0) await Promise.race([done, acknowledgedMoreThan(ledger.acknowledged, ledger)]);
    const moment = MOMENT_MS.from + random(MOMENT_MS.to - MOMENT_MS.from);
    await Promise.race([done, elapse(moment, 'the kill comes at any moment')]);
    dead = true;
    const gone = once(daemon.process, 'exit');
    daemon.process.kill('SIGKILL');
    await gone;
    await done;
  } finally {
    dead = true;
    await daemon.stop();
  }
}

/** A daemon that acknowledges nothing within FIRST_WORD_MS is killed all the same. */
async function acknowledgedMoreThan(count: number, ledger: Ledger): Promise<void> {
  const more = until(() => ledger.acknowledged > count, 'something is acknowledged', FIRST_WORD_MS);
  await more.catch(() => undefined);
}
const FIRST_WORD_MS = 10_000;

async function check(client: Client, { model, ledger, random, owned }: Omit<Round, 'root'>): Promise<void> {
  const touched = [...ledger.threads.values()].filter((thread) => thread.touched);
  for (const thread of touched) {
    if (thread.deleted) continue;
    await checkThread(client, thread);
    await resumeThread(client, thread);
    thread.touched = false;
  }
  // What an unanswered start or fork has left is read, and taken away.
  for (const threadId of await checkLists(client, ledger)) {
    await client.request('thread/read', { threadId, includeTurns: true });
    await client.request('thread/delete', { threadId });
  }
  ledger.unanswered = 0;
  for (const [index, mine] of owned.entries()) owned[index] = mine.filter(({ deleted }) => !deleted);
  const askable = touched.filter(({ loaded, entries }) => loaded && entries.length > 0);
  for (let n = 0; n < ASKED && askable.length > 0; n++) {
    const [thread] = askable.splice(random(askable.length), 1) as [KnownThread];
    await checkModelHistory(client, thread, model, ledger.nextText());
  }
  // Workers resume what they use, and so become subscribers of it.
  for (const thread of ledger.threads.values()) thread.loaded = false;
}

/** Every thread once more, also those that no round touched, with and without the index. */
async function lastLook(root: string, model: ModelServer, ledger: Ledger): Promise<number> {
  for (const cached of [true, false]) {
    if (!cached) removeIndex(path.join(root, 'home'));
    const daemon = await startDaemon({ root, config: modelConfig(model.url) });
    try {
      const client = await daemon.connect();
      for (const thread of ledger.threads.values()) {
        if (thread.deleted) assert.ok(await isGoneForGood(client, thread.id), `${thread.id} was deleted, and is back`);
        else await checkThread(client, thread);
        if (!thread.deleted && cached) {
          await resumeThread(client, thread);
          if (!thread.archived) await checkModelHistory(client, thread, model, ledger.nextText());
        }
      }
      await checkLists(client, ledger);
    } finally {
      await daemon.stop();
    }
  }
  assertUnlocked(path.join(root, 'home', 'thread-writer-locks'));
  return checkFiles(path.join(root, 'home'), { mended: false });
}

async function isGoneForGood(client: Client, threadId: string): Promise<boolean> {
  try {
    await client.request('thread/read', { threadId });
    return false;
  } catch (error) {
    if (error instanceof ServerError) return true;
    throw error;
  }
}

/** All that our index keeps of what it has read. */
function removeIndex(home: string): void {
  fs.rmSync(path.join(home, 'codexd', 'thread-index.jsonl'), { force: true });
}

/** No process holds a lock of a thread (/proc/locks: `1: FLOCK ADVISORY WRITE PID MAJOR:MINOR:INODE 0 EOF`). */
function assertUnlocked(folder: string): void {
  const held = fs.readFileSync('/proc/locks', 'utf8');
  for (const name of fs.readdirSync(folder)) {
    const { ino } = fs.statSync(path.join(folder, name));
    assert.ok(!held.split('\n').some((line) => line.includes(`:${ino} `)), `${name} is still locked`);
  }
}

/** The command line. */
export async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { rounds: { type: 'string' }, seed: { type: 'string' }, keep: { type: 'boolean' } },
  });
  const rounds = Number(values.rounds ?? 100);
  const seed = Number(values.seed ?? Date.now() % 0x7fffffff);
  const root = makeRoot();
  console.log(`kill-rounds: ${rounds} rounds, seed ${seed}, in ${root}`);
  let keep = values.keep === true;
  try {
    const report = await killRounds({
      rounds,
      seed,
      root,
      onRound: (round, ledger) => {
        if (round % 25 === 0) console.log(`kill-rounds: ${round} rounds, ${ledger.acknowledged} acknowledged`);
      },
    });
    console.log(`kill-rounds: nothing lost, nothing doubled: ${JSON.stringify(report)}`);
    return 0;
  } catch (error) {
    keep = true;
    console.log(`kill-rounds: ${(error as Error).stack}\nkill-rounds: the home stays in ${root}`);
    return 1;
  } finally {
    if (!keep) fs.rmSync(root, { recursive: true, force: true });
  }
}

/** A folder outside the temp folder: the official program wants its home there. */
export const makeRoot = (): string => fs.realpathSync(fs.mkdtempSync('/var/tmp/codexd-kill-'));
