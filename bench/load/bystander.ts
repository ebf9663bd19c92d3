/**
 * Runs as a process of its own: a client that asks a cheap question again and again, and listens to no thread.
 *
 * `node bystander.js URL` prints `ready`, asks until its input ends, and prints the times of the answers in
 * milliseconds, as a JSON list.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { connectWebSocket } from '../../clients/typescript/index.js';

const [, , url = ''] = process.argv;
/** Milliseconds from an answer to the next question. */
const APART_MS = 20;

const client = await connectWebSocket(url, { requestTimeoutMs: 120_000 });
await client.request('config/read', {});
let over = false;
process.stdin.on('end', () => (over = true)).resume();
console.log('ready');
const times: number[] = [];
while (!over) {
  const begin = performance.now();
  await client.request('config/read', {});
  times.push(performance.now() - begin);
  await sleep(APART_MS);
}
console.log(JSON.stringify(times));
await client.close();
