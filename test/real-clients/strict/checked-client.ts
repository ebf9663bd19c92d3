/** A client over stdio: it holds each message of the server to strict decoders, and keeps what came of each request. */
import fs from 'node:fs';
import readline from 'node:readline';
import { startChild } from '../../fixtures/programs.js';
import { until } from '../../fixtures/until.js';
import type { Decoders } from './decoders.js';

/** A message, read loosely. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Loose = any;

export interface CheckedOptions {
  /** Of every version that the session is held to. Methods that one of them does not have are left out. */
  readonly decoders: readonly Decoders[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Keeps every message, for a person who looks into a refusal. */
  readonly wireFile?: string | null;
}

export interface CheckedClient {
  /** Null: it was refused, or nothing came. Never throws. `as`: the name of the outcome. */
  ask(method: string, params?: object | null, as?: string): Promise<Loose>;
  /** Resolves with the params of the first notification, also of the past, that `is` accepts; null when none came. */
  told(method: string, is?: (params: Loose) => boolean): Promise<Loose>;
  notifications(method: string): readonly Loose[];
  /** Answers of this client by the method of the server's request: a result, or what makes one of the params. */
  readonly answers: Record<string, (params: Loose) => object>;
  /** Keeps an outcome that is of no request. */
  record(what: string, outcome: string): void;
  /** Resolves when `condition` holds, or the server has ended, or nobody can expect it any more. */
  until(condition: () => boolean): Promise<void>;
  /** Of each request: `result`, or its error. */
  readonly outcomes: ReadonlyMap<string, string>;
  /** Messages that a decoder refused: `0.171.0: notification turn/started: /params/turn must have …`. */
  readonly refused: ReadonlySet<string>;
  /** Methods of notifications and of requests that the server sent, and `item TYPE STATUS` of items that ended. */
  readonly seen: ReadonlySet<string>;
  close(): Promise<void>;
}

const ANSWER_MS = 30_000;
const NOTIFICATION_MS = 15_000;

export function checkedClient(
  [command, ...args]: readonly [string, ...string[]],
  { decoders, env, cwd, wireFile = null }: CheckedOptions,
): CheckedClient {
  const child = startChild(command, args, { cwd, env, stdio: ['pipe', 'pipe', 'ignore'] });
  const wire = wireFile === null ? null : fs.createWriteStream(wireFile);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const waiting = new Map<number, { readonly method: string; readonly done: (message: Loose) => void }>();
  const notifications: Loose[] = [];
  const outcomes = new Map<string, string>();
  const refused = new Set<string>();
  const seen = new Set<string>();
  const answers: Record<string, (params: Loose) => object> = {};
  const hold = (what: string, faults: (by: Decoders) => readonly string[]): void => {
    for (const by of decoders)
      for (const fault of faults(by)) refused.add(`${by.name}: ${what}: ${fault.replace(/\/\d+/g, '/n')}`);
  };
  const send = (message: object): void => {
    const line = JSON.stringify(message);
    wire?.write(`> ${line}\n`);
    child.stdin.write(`${line}\n`);
  };
  const asked = ({ id, method, params }: Loose): void => {
    seen.add(method);
    hold(`request ${method}`, (by) => by.message('serverRequest', { id, method, params }));
    const answer = answers[method];
    if (answer === undefined) return send({ id, error: { code: -32601, message: `${method} is not answered here` } });
    const result = answer(params);
    hold(`our answer to ${method}`, (by) => by.answer(method, result));
    send({ id, result });
  };
  readline.createInterface({ input: child.stdout }).on('line', (line) => {
    const message: Loose = JSON.parse(line);
    wire?.write(`< ${line}\n`);
    if (message.method !== undefined && message.id !== undefined) return asked(message);
    if (message.method !== undefined) {
      seen.add(message.method);
      if (message.method === 'item/completed')
        seen.add(`item ${message.params.item.type} ${message.params.item.status ?? ''}`.trim());
      notifications.push(message);
      return hold(`notification ${message.method}`, (by) => by.message('notification', message));
    }
    const at = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.error !== undefined) hold(`error of ${at?.method}`, (by) => by.message('error', message));
    else {
      hold(`response of ${at?.method}`, (by) => by.message('response', message));
      hold(`result of ${at?.method}`, (by) => by.result(at?.method ?? '', message.result));
    }
    at?.done(message);
  });
  let next = 0;
  /** The last request had a result: what follows from it can be waited for. */
  let answered = false;
  const wait = (condition: () => boolean): Promise<void> =>
    until(() => condition() || child.exitCode !== null, 'it comes', NOTIFICATION_MS).catch(() => undefined);
  return {
    record: (what, outcome) => void outcomes.set(what, outcome),
    until: wait,
    answers,
    outcomes,
    refused,
    seen,
    async ask(method, params, as = method) {
      answered = decoders.every(({ methods }) => methods.includes(method));
      if (!answered) return null;
      const id = ++next;
      const message = params === undefined ? { id, method } : { id, method, params };
      hold(`our request ${as}`, (by) => by.sent('request', message));
      const came = new Promise<Loose>((resolve) => {
        waiting.set(id, { method, done: resolve });
        void Promise.race([ended, new Promise((late) => setTimeout(late, ANSWER_MS).unref())]).then(() => resolve({}));
      });
      send(message);
      const { result = null, error } = await came;
      answered = result !== null;
      outcomes.set(
        as,
        error !== undefined ? `${error.code} ${error.message}` : result === null ? 'no answer' : 'result',
      );
      if (method === 'initialize') send({ method: 'initialized' });
      return result;
    },
    async told(method, is = () => true) {
      const found = (): Loose => notifications.find((one) => one.method === method && is(one.params));
      if (answered) await wait(() => found() !== undefined);
      if (found() === undefined) outcomes.set(`(notification) ${method}`, 'did not come');
      return found()?.params ?? null;
    },
    notifications: (method) => notifications.filter((one) => one.method === method).map(({ params }) => params),
    async close() {
      child.stdin.end();
      const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(late);
      wire?.end();
    },
  };
}
