/**
 * npm run bench -- operators: what operators cost everybody else. One daemon with busy threads and commands, in turn
 * with and without operators; the ratio of the times, of medians and of minima, and the memory of the daemon.
 */
import { connectWebSocket, type Client } from '../clients/typescript/index.js';
import { helper } from './helper.js';
import { median, timed } from './measure.js';
import { commands, said, startModel } from './model.js';
import { memoryOfNew } from './process-memory.js';
import { serve } from './serve.js';
import { makePlace, useModel, type Target } from './targets.js';

const OPERATORS = 20;
const THREADS = 50;
const ROUNDS = 8;
/** `command/exec`, one after the other, beside the turns. */
const COMMANDS = 30;
const CALLS = commands(['echo of a turn']);
const REPLY = said(Array.from({ length: 200 }, (_, n) => `word${n % 10} `));

interface Sample {
  /** All turns of a round. */
  readonly turnsMs: number;
  /** One `command/exec` beside them, the median of the round. */
  readonly execMs: number;
}

/** Prints the table. */
export async function printOperators(target: Target): Promise<void> {
  const place = makePlace(target, 'plain');
  const model = await startModel((last) => (last.includes('_call_output') ? REPLY : CALLS));
  useModel(place, model.url);
  const served = await serve(target, place);
  const client = await connectWebSocket(served.url, {
    requestTimeoutMs: 120_000,
    capabilities: { experimentalApi: true },
  });
  try {
    const threads: string[] = [];
    for (let n = 0; n < THREADS; n++) threads.push((await client.request('thread/start', {})).thread.id);
    const [without, beside]: [Sample[], Sample[]] = [[], []];
    const memory: number[] = [];
    await round(client, threads); // Caches and the just-in-time compiler.
    for (let n = 0; n < ROUNDS; n++) {
      // The order changes, so that neither is always the one after the other.
      for (const operators of n % 2 === 0 ? [false, true] : [true, false])
        if (operators) beside.push(await withOperators(served.url, () => round(client, threads)));
        else without.push(await round(client, threads));
      memory.push(memoryOfNew(new Set([process.pid]), 'VmRSS'));
    }
    for (const [title, of] of [
      [`${THREADS} turns, each with a command and 200 deltas`, ({ turnsMs }: Sample) => turnsMs],
      ['a command/exec beside them', ({ execMs }: Sample) => execMs],
    ] as const) {
      const [a, b] = [without.map(of), beside.map(of)];
      const ratios = [median(b) / median(a), Math.min(...b) / Math.min(...a)];
      const ms = [median(a), median(b)].map((value) => `${value.toFixed(1)} ms`).join(' without, ');
      console.log(`${title.padEnd(48)}${ms} with   ${ratios.map((ratio) => `${ratio.toFixed(2)}×`).join('   ')}`);
    }
    console.log(
      `memory of the daemon and its helpers after each round, MiB: ${memory.map((mib) => mib.toFixed(0)).join(' ')}`,
    );
  } finally {
    await client.close();
    await served.close();
    await model.close();
    place.remove();
  }
}

async function withOperators(url: string, action: () => Promise<Sample>): Promise<Sample> {
  const operators = helper('operators.js', [url, String(OPERATORS)]);
  await operators.line('ready');
  const sample = await action();
  operators.end();
  const counts = JSON.parse(await operators.line()) as number[];
  await operators.over();
  if (counts.length !== OPERATORS || counts.includes(0)) throw new Error('an operator received nothing');
  return sample;
}

async function round(client: Client, threads: readonly string[]): Promise<Sample> {
  const execs: number[] = [];
  const turnsMs = timed(() => Promise.all(threads.map((threadId) => turn(client, threadId))));
  for (let n = 0; n < COMMANDS; n++)
    execs.push(await timed(() => client.request('command/exec', { command: ['true'], timeoutMs: 60_000 })));
  return { turnsMs: await turnsMs, execMs: median(execs) };
}

async function turn(client: Client, threadId: string): Promise<void> {
  const ended = new Promise<string>((resolve) => {
    const off = client.onNotification('turn/completed', (params) => {
      if (params.threadId !== threadId) return;
      off();
      resolve(params.turn.status);
    });
  });
  await client.request('turn/start', { threadId, input: [{ type: 'text', text: 'go on' }] });
  const status = await ended;
  if (status !== 'completed') throw new Error(`the turn is ${status}`);
}
