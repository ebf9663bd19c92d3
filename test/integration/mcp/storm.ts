/**
 * npm run mcp-storm [-- --threads N --seed S]: threads are started and ended with three servers each, one without a
 * permission profile and two with one; a third of the servers is killed with SIGKILL, and the daemon at random moments.
 * No process may be left, and a daemon that lives through it must hold what it held before.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Client } from '../../../clients/typescript/index.js';
import { proxiedConfig, startDaemon, type TestDaemon } from '../../fixtures/daemon.js';
import { networkServer, networkServerTable } from '../../fixtures/mcp-network-server.js';
import { settled, until } from '../../fixtures/until.js';
import { seeded } from '../durability/work.js';
import { inFolder, metricsOf, processesWith } from './look.js';

const SERVERS = ['open', 'confined', 'offline'] as const;
/** Threads that live at once. */
const AT_ONCE = 8;

export interface StormOptions {
  readonly threads: number;
  readonly seed: number;
  /** Threads of the last daemon, which is not killed. */
  readonly calm?: number;
  /** For the program, and for the home of the daemons. */
  readonly folder: string;
  readonly onThread?: (done: number) => void;
}

export interface StormReport {
  readonly seed: number;
  readonly threads: number;
  readonly servers: number;
  readonly killedServers: number;
  readonly killedDaemons: number;
  /** Of the last daemon, before and after its part of the storm. */
  readonly held: { readonly before: Held; readonly after: Held };
}

interface Held {
  readonly descriptors: number;
  readonly residentMb: number;
}

/** Throws an AssertionError that names what is left. */
export async function storm({
  threads,
  seed,
  calm = 60,
  folder,
  onThread = () => {},
}: StormOptions): Promise<StormReport> {
  const file = networkServer(folder);
  const root = path.join(folder, 'root');
  const below = seeded(seed);
  const config = `
model = "mock-model"
${proxiedConfig()}
${networkServerTable('open', file, null)}
${networkServerTable('confined', file, 'test')}
${networkServerTable('offline', file, ':read-only')}`;
  let killedServers = 0;
  let killedDaemons = 0;
  let servers = 0;

  /** One thread from its start to its end; a daemon that is killed meanwhile ends it. */
  const oneThread = async (client: Client): Promise<void> => {
    const { thread } = await client.request('thread/start', { cwd: path.join(root, 'work') });
    const call = (server: string) =>
      client.request('mcpServer/tool/call', {
        threadId: thread.id,
        server,
        tool: 'run',
        arguments: { code: 'return process.pid' },
      });
    // Another thread may kill one of these meanwhile.
    const calls = await Promise.allSettled(SERVERS.map(call));
    servers += calls.filter(({ status }) => status === 'fulfilled').length;
    // One for three: any of those that run, or a part of its sandbox.
    const victims = processesWith(`${file} ${SERVERS[below(SERVERS.length)]}`);
    const victim = victims[below(Math.max(victims.length, 1))];
    if (victim !== undefined && end(victim.pid)) killedServers++;
    if (below(2) === 0) await Promise.allSettled(SERVERS.map(call));
    await client.request(below(2) === 0 ? 'thread/archive' : 'thread/delete', { threadId: thread.id });
  };

  /** Threads side by side on one daemon; `kill`: it is killed somewhere in their middle. */
  const batch = async (daemon: TestDaemon, count: number, kill: boolean): Promise<void> => {
    const client = await daemon.connect();
    const work = Promise.allSettled(Array.from({ length: count }, () => oneThread(client)));
    if (kill) {
      const moment = below(SERVERS.length * count);
      let over = false;
      void work.then(() => (over = true));
      await until(() => over || processesWith(file).length >= moment, `${moment} processes of servers run`);
      const gone = once(daemon.process, 'exit');
      daemon.process.kill('SIGKILL');
      await gone;
      killedDaemons++;
      await work;
      return;
    }
    for (const result of await work) if (result.status === 'rejected') throw result.reason as Error;
    await client.close();
  };

  let done = 0;
  const next = async (daemon: TestDaemon, most: number, kill: boolean): Promise<void> => {
    const count = Math.min(AT_ONCE, most);
    await batch(daemon, count, kill);
    done += count;
    onThread(done);
  };
  const withDaemon = async <T>(work: (daemon: TestDaemon) => Promise<T>): Promise<T> => {
    const daemon = await startDaemon({ root, config });
    let result: T;
    try {
      result = await work(daemon);
    } finally {
      await daemon.stop();
    }
    await noProcess(file);
    return result;
  };

  while (done < threads - calm) {
    await withDaemon(async (daemon) => {
      for (let calmBatches = below(2); calmBatches > 0; calmBatches--) await next(daemon, threads - calm - done, false);
      await next(daemon, Math.max(threads - calm - done, 1), true);
    });
  }
  const held = await withDaemon(async (daemon) => {
    // The first threads make what later ones use again.
    await next(daemon, AT_ONCE, false);
    await nothingLeft(daemon, file);
    const before = await heldBy(daemon);
    while (done < threads) await next(daemon, threads - done, false);
    await nothingLeft(daemon, file);
    return { before, after: await heldBy(daemon) };
  });
  assert.ok(
    held.after.descriptors <= held.before.descriptors + SPARE_DESCRIPTORS &&
      held.after.residentMb <= held.before.residentMb + SPARE_MB,
    `the daemon holds more than before: ${JSON.stringify(held)}`,
  );
  return { seed, threads: done, servers, killedServers, killedDaemons, held };
}

/** Pipes that are kept ready (server/exec/process/pipe-pool.ts). A leak of one a server would be more. */
const SPARE_DESCRIPTORS = 80;
const SPARE_MB = 48;

const noProcess = (file: string): Promise<void> =>
  until(
    () => processesWith(file).length === 0,
    () => `no process of a server is left: ${JSON.stringify(processesWith(file))}`,
  );

async function nothingLeft(daemon: TestDaemon, file: string): Promise<void> {
  await noProcess(file);
  await until(async () => {
    const now = await metricsOf(daemon);
    return (
      now('codexd_lanes{state="lent"}') +
        now('codexd_commands_running') +
        now('codexd_mcp_servers_running{permissions="none"}') +
        now('codexd_mcp_servers_running{permissions="profile"}') ===
      0
    );
  }, 'no lane is lent, and no server is counted as running');
}

/** Without the descriptors of idle lanes: two namespaces each, and two ports for every command that it still takes. */
const heldBy = (daemon: TestDaemon): Promise<Held> =>
  settled(async () => {
    const now = await metricsOf(daemon);
    const lanes = 2 * (now('codexd_lanes{state="idle"}') + now('codexd_lane_slots'));
    return {
      descriptors: now('process_open_fds') - lanes,
      residentMb: Math.round(now('process_resident_memory_bytes') / 2 ** 24) * 16,
    };
  }, 'what the daemon holds');

function end(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false; // It has ended by itself.
  }
}

export async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { threads: { type: 'string', default: '200' }, seed: { type: 'string' } },
  });
  const seed = values.seed === undefined ? Date.now() % 0x7fffffff : Number(values.seed);
  process.stdout.write(`seed ${seed}\n`);
  return inFolder(async (_t, folder) => {
    const begun = performance.now();
    const onThread = (done: number): void => void process.stdout.write(`${done} threads\n`);
    const report = await storm({ threads: Number(values.threads), seed, folder, onThread });
    process.stdout.write(`${JSON.stringify({ ...report, seconds: Math.round((performance.now() - begun) / 1000) })}\n`);
  });
}
