/** The loads of npm run bench -- curves. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { WebSocket } from 'ws';
import type { Client } from '../clients/typescript/index.js';
import type { ClientParams } from '../schema/registry.js';
import { interpretRules } from '../server/config/rules/interpret.js';
import { matchCommand } from '../server/config/rules/match-command.js';
import { NO_RULES } from '../server/config/rules/rule-set.js';
import { timed } from './measure.js';
import { connectAll } from './measures/connections.js';
import { burst } from './measures/fairness.js';
import { said, startModel } from './model.js';
import { serve } from './serve.js';
import { denyPaths, makePlace, start, startAt, useModel, type Place, type Target } from './targets.js';

export interface Curve {
  readonly title: string;
  readonly loads: readonly number[];
  readonly rounds: number;
  /** Milliseconds of the whole work at this load. */
  cost(target: Target, load: number): Promise<number>;
}

export const CURVES: readonly Curve[] = [
  {
    title: 'clients that connect at once',
    loads: [10, 50, 200],
    rounds: 5,
    cost: async (target, load) => {
      const place = makePlace(target, 'plain');
      const served = await serve(target, place);
      const sockets: WebSocket[] = [];
      try {
        await connectAll(served.url, 10, sockets); // What the first clients load is not counted.
        return await timed(() => connectAll(served.url, load, sockets));
      } finally {
        for (const socket of sockets) socket.terminate();
        await served.close();
        place.remove();
      }
    },
  },
  {
    title: 'subscribers of 20000 deltas',
    loads: [5, 15, 45],
    rounds: 3,
    cost: async (target, load) => (await burst(target, { listening: load, silent: 0 })).turnMs,
  },
  {
    title: 'sandboxed commands at once',
    loads: [4, 16, 64],
    rounds: 5,
    cost: async (target, load) => {
      const { client, close } = await startAt(target, 'plain');
      const run = (): Promise<unknown> => client.request('command/exec', { command: ['true'], timeoutMs: 60_000 });
      try {
        for (let n = 0; n < 5; n++) await run();
        return await timed(() => Promise.all(Array.from({ length: load }, run)));
      } finally {
        await close();
      }
    },
  },
  {
    title: 'open connections, 200 requests',
    loads: [10, 50, 200],
    rounds: 5,
    cost: async (target, load) => {
      const place = makePlace(target, 'plain');
      const served = await serve(target, place);
      const sockets: WebSocket[] = [];
      try {
        await connectAll(served.url, load, sockets);
        const [socket] = sockets;
        if (socket === undefined) throw new Error('no connection');
        return await timed(() => requests(socket, 200));
      } finally {
        for (const socket of sockets) socket.terminate();
        await served.close();
        place.remove();
      }
    },
  },
  {
    title: 'loaded threads, a list of them',
    loads: [20, 100, 400],
    rounds: 3,
    cost: (target, load) =>
      withThreads(target, load, (client) => timed(() => client.request('thread/list', { limit: 100 }))),
  },
  {
    title: 'loaded threads, a turn of one',
    loads: [20, 100, 400],
    rounds: 3,
    cost: (target, load) => withThreads(target, load, (client, ids) => timed(() => turnOf(client, ids[0] ?? ''))),
  },
  {
    title: 'writable roots of a command',
    loads: [10, 50, 200],
    rounds: 5,
    cost: async (target, load) => {
      const place = makePlace(target, 'plain');
      const writableRoots = makeFolders(place, load);
      return costOfCommand(target, place, { sandboxPolicy: { type: 'workspaceWrite', writableRoots } });
    },
  },
  {
    title: 'denied paths of a profile',
    loads: [10, 50, 200],
    rounds: 5,
    cost: async (target, load) => {
      const place = makePlace(target, 'proxied');
      denyPaths(place, makeFolders(place, load));
      return costOfCommand(target, place);
    },
  },
  {
    title: 'prefix rules read',
    loads: [100, 1_000, 10_000],
    rounds: 5,
    cost: (_target, load) => timed(async () => interpretRules(prefixRules(load), 'bench.rules')),
  },
  {
    title: 'prefix rules, 1000 commands',
    loads: [100, 1_000, 10_000],
    rounds: 5,
    cost: async (_target, load) => {
      const rules = { ...NO_RULES, ...interpretRules(prefixRules(load), 'bench.rules') };
      return timed(async () => {
        for (let n = 0; n < 1_000; n++) matchCommand(rules, ['program', `word${n % load}`, 'more'], '/');
      });
    },
  },
];

/** That many new folders in the working folder. */
function makeFolders(place: Place, count: number): string[] {
  const folders = Array.from({ length: count }, (_, n) => path.join(place.work, `folder${n}`));
  for (const folder of folders) mkdirSync(folder);
  return folders;
}

/** The time of one command after three others. Removes the place. */
async function costOfCommand(
  target: Target,
  place: Place,
  more: Partial<ClientParams<'command/exec'>> = {},
): Promise<number> {
  const client = await start(target, place);
  const run = (): Promise<unknown> => client.request('command/exec', { command: ['true'], timeoutMs: 60_000, ...more });
  try {
    for (let n = 0; n < 3; n++) await run();
    return await timed(run);
  } finally {
    await client.close();
    place.remove();
  }
}

const prefixRules = (count: number): string =>
  Array.from({ length: count }, (_, n) => `prefix_rule(pattern=["program", "word${n}"], decision="allow")\n`).join('');

/** That many requests of one client, one after the other. */
async function requests(socket: WebSocket, count: number): Promise<void> {
  for (let id = 2; id < count + 2; id++) {
    const answered = new Promise<void>((resolve) => {
      const hear = (data: Buffer): void => {
        if (!data.includes(`"id":${id},`)) return;
        socket.off('message', hear);
        resolve();
      };
      socket.on('message', hear);
    });
    socket.send(`{"id":${id},"method":"thread/loaded/list","params":{}}`);
    await answered;
  }
}

/** The value of `measured` while that many threads are loaded, each after a turn. */
async function withThreads(
  target: Target,
  count: number,
  measured: (client: Client, ids: readonly string[]) => Promise<number>,
): Promise<number> {
  const place: Place = makePlace(target, 'plain');
  const model = await startModel(() => said(['A short reply.']));
  useModel(place, model.url);
  const client = await start(target, place);
  try {
    const ids: string[] = [];
    for (let n = 0; n < count; n++) ids.push((await client.request('thread/start', {})).thread.id);
    for (const id of ids.slice(0, 20)) await turnOf(client, id);
    return await measured(client, ids);
  } finally {
    await client.close();
    await model.close();
    place.remove();
  }
}

async function turnOf(client: Client, threadId: string): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    const off = client.onNotification('turn/completed', (ended) => {
      if (ended.threadId !== threadId) return;
      off();
      resolve();
    });
  });
  await client.request('turn/start', { threadId, input: [{ type: 'text', text: 'go on' }] });
  await ended;
}
