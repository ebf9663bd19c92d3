/**
 * npm run shared-home [-- --seconds N --seed S]: two daemons, and the official program where it is installed, work on
 * one home at the same time and hand threads to each other; at the end nothing is lost, nothing doubled, and all lists
 * agree.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Client } from '../../../clients/typescript/index.js';
import { modelConfig } from '../../fixtures/model-config.js';
import { startModelServer } from '../../fixtures/model-server.js';
import { findReference, NOT_INSTALLED } from '../../sessions/store/reference-program.js';
import { checkFiles, checkLists, checkModelHistory, checkThread, listed, resumeThread } from './check.js';
import { createLedger, type KnownThread, type Ledger } from './ledger.js';
import { ours, startProgram, theirs, type Program } from './programs.js';
import { createWorker, seeded } from './work.js';

export interface SharedReport {
  readonly programs: readonly string[];
  readonly acknowledged: number;
  readonly threads: number;
  readonly handedOver: number;
}

export interface SharedOptions {
  readonly root: string;
  readonly seconds: number;
  readonly seed: number;
}

export async function shareHome({ root, seconds, seed }: SharedOptions): Promise<SharedReport> {
  const reference = findReference();
  const programs = [ours('codexd-a'), ours('codexd-b'), ...(reference === null ? [] : [theirs(reference)])];
  const model = await startModelServer();
  for (const name of ['home', 'work']) fs.mkdirSync(path.join(root, name), { recursive: true });
  fs.writeFileSync(path.join(root, 'home', 'config.toml'), modelConfig(model.url));
  const ledger = createLedger();
  const pool: KnownThread[] = [];
  const running: Client[] = [];
  try {
    const workers = [];
    for (const [index, program] of programs.entries()) {
      const client = await startProgram(program, root);
      running.push(client);
      // The official program lists a reverted thread twice (docs/protocol/threads.md §10).
      const options = { client, ledger, mine: [], random: seeded(seed + index), reverts: reference === null };
      workers.push(createWorker({ ...options, pool, official: program.name === 'reference' }));
    }
    const until = performance.now() + seconds * 1000;
    let failed = false;
    const work = workers.map((worker) =>
      worker
        .run(() => failed || performance.now() > until)
        .catch((error: unknown) => {
          failed = true;
          throw error;
        }),
    );
    const results = await Promise.allSettled(work);
    for (const result of results) if (result.status === 'rejected') throw result.reason;
    await compareLists(programs, running, ledger);
    await lookAfterwards(running);
    const threads = [...ledger.threads.values()].filter(({ deleted }) => !deleted).length;
    return {
      programs: programs.map(({ name }) => name),
      threads,
      acknowledged: ledger.acknowledged,
      handedOver: ledger.handedOver,
    };
  } finally {
    for (const client of running) await client.close();
    await model.close();
  }

  /** In a fresh daemon, when the others have ended and given their locks back. */
  async function lookAfterwards(clients: readonly Client[]): Promise<void> {
    for (const client of clients) await client.close();
    const client = await startProgram(ours(), root);
    running.push(client);
    for (const thread of ledger.threads.values()) {
      if (thread.deleted) continue;
      await checkThread(client, thread);
      await resumeThread(client, thread);
      if (thread.loaded && thread.entries.length > 0) await checkModelHistory(client, thread, model, ledger.nextText());
    }
    await checkLists(client, ledger);
    checkFiles(path.join(root, 'home'), { mended: true });
  }
}

/**
 * While all of them run: each has seen what the others did. Threads without a message do not count: the official
 * program lists some of their forks (docs/protocol/threads.md §12.4).
 */
async function compareLists(
  programs: readonly Program[],
  clients: readonly Client[],
  { threads }: Ledger,
): Promise<void> {
  const said = (id: string): boolean => threads.get(id)?.entries.some(({ kind }) => kind === 'message') ?? true;
  for (const archived of [false, true]) {
    const wanted = [...threads.values()].filter((thread) => !thread.deleted && thread.archived === archived);
    const ids = wanted.map(({ id }) => id).filter(said);
    for (const [index, client] of clients.entries()) {
      const list = await listed(client, archived);
      assert.equal(new Set(list).size, list.length, `${programs[index]?.name} lists a thread twice`);
      assert.deepEqual(
        list.filter(said).sort(),
        ids.sort(),
        `the list of ${programs[index]?.name} (archived ${archived})`,
      );
    }
  }
}

/** The command line. */
export async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { seconds: { type: 'string' }, seed: { type: 'string' } },
  });
  const seconds = Number(values.seconds ?? 60);
  const seed = Number(values.seed ?? Date.now() % 0x7fffffff);
  const root = fs.realpathSync(fs.mkdtempSync('/var/tmp/codexd-shared-'));
  if (findReference() === null) console.log(`shared-home: ${NOT_INSTALLED}`);
  console.log(`shared-home: ${seconds} s, seed ${seed}, in ${root}`);
  try {
    const report = await shareHome({ root, seconds, seed });
    console.log(`shared-home: nothing lost, nothing doubled: ${JSON.stringify(report)}`);
    fs.rmSync(root, { recursive: true, force: true });
    return 0;
  } catch (error) {
    console.log(`shared-home: ${(error as Error).stack}\nshared-home: the home stays in ${root}`);
    return 1;
  }
}
