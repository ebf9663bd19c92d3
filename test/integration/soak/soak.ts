/**
 * npm run soak [-- --turns N --seed S --wire WIRE --keep]: many turns on one thread with a model that misbehaves, and a
 * client that interrupts and steers at random moments. No turn may hang, no item may stay open, memory, processes and
 * descriptors are bounded, and a restarted daemon reads the same items.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ServerError, type Client } from '../../../clients/typescript/index.js';
import type { NotificationParams, RequestResult } from '../../../schema/registry.js';
import { startDaemon, type TestDaemon } from '../../fixtures/daemon.js';
import { elapse, settled, until } from '../../fixtures/until.js';
import { seeded, type Random } from '../durability/work.js';
import { createItemLedger } from './item-ledger.js';
import { startUnrulyModel } from './unruly-model.js';

type Wire = 'responses' | 'chat';
const WIRES: readonly Wire[] = ['responses', 'chat'];

export interface SoakOptions {
  readonly turns: number;
  readonly seed: number;
  readonly wire: Wire;
  /** A folder that stays; made by the caller. */
  readonly root: string;
  readonly onTurn?: (turn: number, line: string) => void;
}
export interface SoakReport {
  readonly turns: number;
  readonly requests: number;
  readonly items: number;
  /** Completed items of this type. */
  readonly compactions: number;
  readonly ends: Readonly<Record<string, number>>;
  /** Resident memory of the daemon after a fifth of the turns and after all, in MiB. */
  readonly memory: { readonly warm: number; readonly last: number };
}

/** The longest that a turn may take: its retries and idle limits, on a busy machine. */
const TURN_LIMIT_MS = 60_000;
/** What the history of a long thread, and big answers that are not collected yet, may cost after the warm-up. */
const GROWTH_MIB = 250;
/** Helpers that wait for the daemon's end, to clean up after it, and the process that waits for the next command. */
const HELPERS = 3;
/** What the daemon may have open at rest; up to 55 of them are spare pipes for commands (exec/process/pipe-pool.ts). */
const MOST_DESCRIPTORS = 96;
/** Its client, its helpers, and connections to the model that wait for the next request. */
const MOST_SOCKETS = 16;
/** In so many turns the context overflows several times. */
const TURNS_WITH_COMPACTION = 100;

const config = (url: string, wire: string): string => `
model = "mock-model"
model_provider = "mock"
approval_policy = "never"
sandbox_mode = "workspace-write"
model_context_window = 100000
model_auto_compact_token_limit = 80000
[model_providers.mock]
name = "Mock"
base_url = "${url}"
wire_api = "${wire}"
request_max_retries = 1
stream_max_retries = 2
stream_idle_timeout_ms = 700
`;

/** Throws an AssertionError that says what hangs, stays open, grows or is lost. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const { turns, seed, wire, root, onTurn } = options;
  const model = await startUnrulyModel(seed);
  const random = seeded(seed);
  const ends: Record<string, number> = {};
  const settings = { root, config: config(model.url, wire) };
  let daemon = await startDaemon(settings);
  try {
    const client = await daemon.connect();
    const { thread } = await client.request('thread/start', {});
    const ledger = createItemLedger(client, thread.id);
    let warm = usedBy(daemon);
    for (let turn = 0; turn < turns; turn++) {
      model.turn(turn);
      const status = await oneTurn({ client, threadId: thread.id, turn, random });
      ends[status] = (ends[status] ?? 0) + 1;
      onTurn?.(turn + 1, status);
      if (turn === Math.floor(turns / 5)) warm = usedBy(daemon);
    }
    await client.request('thread/backgroundTerminals/clean', { threadId: thread.id });
    await until(
      () => ledger.open().length === 0,
      () => `items stay open: ${JSON.stringify(ledger.open())}`,
    );
    assert.deepEqual(ledger.faults, [], 'items begin once, and end once, before their turn ends');
    await until(
      () => usedBy(daemon).processes <= HELPERS,
      () => `${usedBy(daemon).processes} processes are left`,
    );
    const last = usedBy(daemon);
    assert.ok(last.descriptors <= MOST_DESCRIPTORS, `${last.descriptors} descriptors are open`);
    assert.ok(last.sockets <= MOST_SOCKETS, `${last.sockets} sockets are open`);
    const compactions = ledger.completed('contextCompaction');
    assert.ok(turns < TURNS_WITH_COMPACTION || compactions > 0, 'the context was compacted');
    assert.ok(last.memory < warm.memory + GROWTH_MIB, `memory: ${warm.memory} → ${last.memory} MiB`);
    const before = await readItems(client, thread.id);
    assert.deepEqual(ledger.missingIn(before), [], 'what was told can be read');
    await daemon.stop();
    daemon = await startDaemon(settings);
    const after = await readItems(await daemon.connect(), thread.id);
    assert.deepEqual(after, before, 'a restarted daemon reads the same items');
    const memory = { warm: warm.memory, last: last.memory };
    return { turns, requests: model.requests, items: ledger.count, compactions, ends, memory };
  } finally {
    await daemon.stop();
    await model.close();
  }
}

type Turn = NotificationParams<'turn/completed'>['turn'];

async function oneTurn(about: {
  readonly client: Client;
  readonly threadId: string;
  readonly turn: number;
  readonly random: Random;
}): Promise<Turn['status']> {
  const { client, threadId, turn, random } = about;
  const ended = new Map<string, Turn>();
  const stop = client.onNotification('turn/completed', (params) => void ended.set(params.turn.id, params.turn));
  try {
    const said = (text: string) => [{ type: 'text' as const, text, text_elements: [] }];
    const { turn: started } = await client.request('turn/start', { threadId, input: said(`turn ${turn}`) });
    const wishes = [];
    if (random(4) === 0) {
      wishes.push(later(random(400), () => client.request('turn/interrupt', { threadId, turnId: started.id })));
    }
    for (let steers = random(5) - 2; steers > 0; steers--) {
      const input = said(`more for turn ${turn}`);
      wishes.push(
        later(random(400), () => client.request('turn/steer', { threadId, expectedTurnId: started.id, input })),
      );
    }
    await until(() => ended.has(started.id), `turn ${turn} (${started.id}) ends`, TURN_LIMIT_MS);
    await Promise.all(wishes);
    return ended.get(started.id)!.status;
  } finally {
    stop();
  }
}

/** A turn that has ended meanwhile refuses it, which is right. */
async function later(ms: number, request: () => Promise<unknown>): Promise<void> {
  await elapse(ms, 'the moment is random');
  await request().catch((error: unknown) => {
    if (!(error instanceof ServerError)) throw error;
  });
}

async function readItems(client: Client, threadId: string): Promise<RequestResult<'thread/read'>['thread']['turns']> {
  return settled(async () => {
    const { thread } = await client.request('thread/read', { threadId, includeTurns: true });
    return thread.turns;
  }, 'the history is at rest');
}

interface Used {
  /** Resident memory in MiB. */
  readonly memory: number;
  readonly descriptors: number;
  readonly sockets: number;
  readonly processes: number;
}

function usedBy({ process: { pid } }: TestDaemon): Used {
  const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
  const kib = Number(/^VmRSS:\s*(\d+) kB/m.exec(status)?.[1]);
  const processes = fs.readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const stat = fs.readFileSync(`/proc/${name}/stat`, 'utf8');
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === pid;
    } catch {
      return false; // It has ended.
    }
  }).length;
  const open = openFiles(`/proc/${pid}/fd`);
  const sockets = open.filter((name) => name.startsWith('socket:')).length;
  return { memory: Math.round(kib / 1024), descriptors: open.length, sockets, processes };
}

const openFiles = (folder: string): string[] =>
  fs.readdirSync(folder).flatMap((descriptor) => {
    try {
      return [fs.readlinkSync(path.join(folder, descriptor))];
    } catch {
      return []; // It was closed meanwhile.
    }
  });

/** The command line. */
export async function main(args: readonly string[]): Promise<number> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { turns: text, seed: text, wire: text, keep: { type: 'boolean' } },
  });
  const seed = Number(values.seed ?? Date.now() % 0x7fffffff);
  const wires = WIRES.filter((wire) => values.wire === undefined || values.wire === wire);
  for (const wire of wires) {
    const root = makeRoot();
    console.log(`soak: ${wire}, seed ${seed}, in ${root}`);
    let keep = values.keep === true;
    try {
      const onTurn = (turn: number, status: string): void => {
        if (turn % 25 === 0) console.log(`soak: ${turn} turns, the last one ${status}`);
      };
      const report = await soak({ turns: Number(values.turns ?? 300), seed, wire, root, onTurn });
      console.log(`soak: nothing hangs, nothing is lost: ${JSON.stringify(report)}`);
    } catch (error) {
      keep = true;
      console.log(`soak: ${error instanceof Error ? error.stack : String(error)}\nsoak: the home stays in ${root}`);
      return 1;
    } finally {
      if (!keep) fs.rmSync(root, { recursive: true, force: true });
    }
  }
  return 0;
}

export const makeRoot = (): string => fs.realpathSync(fs.mkdtempSync(path.join('/var/tmp', 'codexd-soak-')));
