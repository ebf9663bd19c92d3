/**
 * A model endpoint that misbehaves at random, on both wires. The seed, the turn and the number of the request in the
 * turn decide what it does, so that a run can be repeated.
 */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { seeded, type Random } from '../durability/work.js';
import { elapse } from '../../fixtures/until.js';
import { chatAnswer } from './chat-quirks.js';
import { responsesAnswer } from './responses-quirks.js';

/** Bytes of an answer, written one after the other, and how the connection ends. */
export interface Answer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly pieces: readonly (string | Buffer)[];
  readonly end: 'properly' | 'reset' | 'never';
}

export interface UnrulyModel {
  /** The base URL of a provider, for the wire `responses` or `chat`. */
  readonly url: string;
  /** From now on requests are of this turn. */
  turn(number: number): void;
  readonly requests: number;
  close(): Promise<void>;
}

/** After so many requests in a turn the model says something and stops. */
const MOST_REQUESTS = 6;

export async function startUnrulyModel(seed: number): Promise<UnrulyModel> {
  let turn = 0;
  let inTurn = 0;
  let requests = 0;
  const server = http.createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      const chat = request.url?.includes('/chat/completions') === true;
      if (request.method !== 'POST') return void response.writeHead(404).end();
      requests++;
      const random = seeded(seed + turn * 1009 + inTurn * 31);
      const calm = ++inTurn > MOST_REQUESTS;
      void send(response, chat ? chatAnswer(random, calm) : responsesAnswer(random, calm), random);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    turn(number) {
      turn = number;
      inTurn = 0;
    },
    get requests() {
      return requests;
    },
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

async function send(response: http.ServerResponse, answer: Answer, random: Random): Promise<void> {
  response.on('error', () => undefined); // The daemon has gone away from an answer that it does not need.
  response.writeHead(answer.status ?? 200, { 'content-type': 'text/event-stream', ...answer.headers });
  for (const piece of answer.pieces) {
    if (response.destroyed) return;
    response.write(piece);
    if (random(3) === 0) await elapse(random(15), 'pieces arrive apart');
  }
  if (answer.end === 'properly') response.end();
  else if (answer.end === 'reset') response.destroy();
}

/** Half of a text in each of two pieces, cut inside of a character. */
export function torn(text: string): Buffer[] {
  const bytes = Buffer.from(text);
  const at = bytes.findIndex((byte) => byte >= 0xc0) + 1;
  return at === 0 ? [bytes] : [bytes.subarray(0, at), bytes.subarray(at)];
}

export const one = <T>(random: Random, choices: readonly T[]): T => choices[random(choices.length)]!;

/** A refusal in place of an answer. */
export const refusal = (random: Random): Answer =>
  one<Answer>(random, [
    { status: 429, headers: { 'retry-after': '0' }, pieces: ['{"error":{"message":"slow down"}}'], end: 'properly' },
    { status: 503, headers: { 'retry-after': '1' }, pieces: ['busy'], end: 'properly' },
    { status: 500, pieces: [], end: 'properly' },
    { status: 502, pieces: ['<html>bad gateway</html>'], end: 'reset' },
    { status: 400, pieces: ['{"error":{"message":"no","code":"invalid_request_error"}}'], end: 'properly' },
    { status: 200, pieces: [], end: 'properly' },
    { status: 200, pieces: ['<html>a page</html>'], end: 'properly' },
    { status: 200, headers: { 'content-type': 'application/json' }, pieces: ['{"error":"no"}'], end: 'properly' },
  ]);

/** What a model calls: name and arguments. */
export const call = (random: Random): readonly [string, unknown] =>
  one<readonly [string, unknown]>(random, [
    ['exec_command', { cmd: 'echo hello; echo ä' }],
    ['exec_command', { cmd: 'exit 7' }],
    ['exec_command', { cmd: 'head -c 300000 /dev/zero | tr "\\0" x' }],
    ['exec_command', { cmd: 'head -c 2000 /dev/urandom' }],
    ['exec_command', { cmd: 'sleep 0.3; echo slow', yield_time_ms: 250 }],
    ['exec_command', { cmd: 'cat', tty: true, yield_time_ms: 250 }],
    ['exec_command', { command: ['no', 'such'], cmd: 7 }],
    ['exec_command', '{"cmd": "echo cut o'],
    ['write_stdin', { session_id: 999, chars: 'x' }],
    ['apply_patch', { input: '*** Begin Patch\n*** Update File: missing.txt\n@@\n-a\n+b\n*** End Patch' }],
    ['apply_patch', { input: 'no patch' }],
    ['update_plan', { plan: [{ step: 'one', status: 'in_progress' }] }],
    ['update_plan', { plan: 'none' }],
    ['view_image', { path: 'missing.png' }],
    ['no_such_tool', { a: 1 }],
    ['', {}],
  ]);
