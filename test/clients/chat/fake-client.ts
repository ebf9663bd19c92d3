/** A client without a server: tests answer its requests, and send what a server would. */
import { randomUUID } from 'node:crypto';
import type { Test } from 'tap';
import type { Client } from '../../../clients/typescript/index.js';
import type { ChatEvents } from '../../../clients/chat/session/chat-events.js';

/** A message of the protocol, read loosely. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Loose = any;

export interface FakeClient {
  readonly client: Client;
  /** The requests so far: the method and the params. */
  readonly sent: [method: string, params: Loose][];
  /** Sets the answers of a method; an answer that throws is an error of the server. */
  answer(method: string, answer: (params: Loose) => unknown): void;
  notify(method: string, params: object): void;
  /** A request of the server. Rejects when the handler does. `abort`: the server no longer needs the answer. */
  ask(method: string, params: object): { readonly answer: Promise<Loose>; abort(): void };
  /** The connection has this state now. */
  link(state: object): void;
  /** The methods that somebody listens to. */
  readonly methods: () => string[];
}

type Listener = (params: Loose, context: Loose) => Loose;

export function fakeClient(): FakeClient {
  const sent: FakeClient['sent'] = [];
  const answers = new Map<string, (params: Loose) => unknown>();
  const listeners = new Map<string, Set<Listener>>();
  const on = (method: string, listener: Listener): (() => void) => {
    const all = listeners.get(method) ?? new Set();
    listeners.set(method, all.add(listener));
    return () => {
      all.delete(listener);
      if (all.size === 0) listeners.delete(method);
    };
  };
  const send = (method: string, params: Loose): void =>
    [...(listeners.get(method) ?? [])].forEach((listener) => listener(params, {}));
  const request = async (method: string, params: Loose): Promise<Loose> => {
    sent.push([method, params]);
    return (await answers.get(method)?.(params)) ?? {};
  };
  const client = {
    server: { userAgent: 'fake' },
    request,
    resumeThread: (params: Loose) => request('thread/resume', params),
    onNotification: on,
    onRequest: on,
    onState: (listener: Listener) => on('state', listener),
    close: async () => {
      sent.push(['close', null]);
    },
  };
  return {
    client: client as unknown as Client,
    sent,
    answer: (method, answer) => void answers.set(method, answer),
    notify: send,
    ask(method, params) {
      const over = new AbortController();
      const [handler] = listeners.get(method) ?? [];
      if (handler === undefined) throw new Error(`nobody answers ${method}`);
      return {
        answer: Promise.resolve(handler(params, { signal: over.signal })),
        abort: () => over.abort(new Error('settled')),
      };
    },
    link: (state) => send('state', state),
    methods: () => [...listeners.keys()],
  };
}

/** What `thread/start` and `thread/resume` answer. */
export const opened = (id: string, more: object = {}) => ({
  thread: { id, name: null },
  model: 'm',
  modelProvider: 'p',
  cwd: '/work',
  reasoningEffort: null,
  sandbox: { type: 'readOnly' },
  approvalPolicy: 'on-request',
  ...more,
});

export const turn = (id: string, status = 'inProgress', more: object = {}) => ({ id, status, items: [], ...more });
export const message = (text: string, id: string = randomUUID()) => ({ type: 'agentMessage', id, text });

/** Everything that happens, as `[name, ...arguments]`. */
export function recordedEvents(): { readonly events: ChatEvents; readonly happened: Loose[][] } {
  const happened: Loose[][] = [];
  const events = new Proxy({} as ChatEvents, {
    get:
      (_none, name) =>
      (...args: Loose[]) =>
        void happened.push([String(name), ...args]),
  });
  return { events, happened };
}

/** As `t.match`, which ignores what follows in a longer list. */
export function matchAll(t: Test, found: readonly unknown[], patterns: readonly unknown[], title = 'each one'): void {
  t.match(found, patterns, title);
  t.equal(found.length, patterns.length, title);
}
