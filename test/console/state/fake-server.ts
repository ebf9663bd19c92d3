import type { Server } from '../../../clients/console/connection/server.js';

type Listener = (params: unknown, context: object) => void;
type Handler = (params: unknown, context: { id: number; signal: AbortSignal }) => unknown;

/** The client of a console without a daemon: the test gives answers beforehand, and sends notifications. */
export interface FakeServer {
  readonly server: Server;
  readonly requests: { readonly method: string; readonly params: unknown }[];
  /** What the server answers from now on; a function gets the params. */
  answer(method: string, result: unknown): void;
  notify(method: string, params: unknown, context?: object): void;
  /** A request of the server. */
  ask(method: string, params: unknown, signal: AbortSignal): Promise<unknown>;
}

export function fakeServer(): FakeServer {
  const answers = new Map<string, unknown>();
  const listeners = new Map<string, Listener[]>();
  const every: ((method: string, params: unknown, context: object) => void)[] = [];
  const handlers = new Map<string, Handler>();
  const requests: { readonly method: string; readonly params: unknown }[] = [];
  let asked = 0;
  const request = async (method: string, params: unknown): Promise<unknown> => {
    requests.push({ method, params });
    if (!answers.has(method)) throw new Error(`no answer for ${method}`);
    const result = answers.get(method);
    const given: unknown = typeof result === 'function' ? (result as (params: unknown) => unknown)(params) : result;
    if (given instanceof Error) throw given;
    return given;
  };
  const server = {
    request,
    resumeThread: (params: unknown) => request('thread/resume', params),
    lastSequence: () => null,
    onNotification: (method: string, listener: Listener) => {
      listeners.set(method, [...(listeners.get(method) ?? []), listener]);
      return () => {};
    },
    onEveryNotification: (listener: (method: string, params: unknown, context: object) => void) => {
      every.push(listener);
      return () => {};
    },
    onRequest: (method: string, handler: Handler) => {
      handlers.set(method, handler);
      return () => {};
    },
  } as unknown as Server;
  return {
    server,
    requests,
    answer: (method, result) => void answers.set(method, result),
    notify: (method, params, context = { sequence: null, emittedAtMs: null }) => {
      for (const listener of listeners.get(method) ?? []) listener(params, context);
      for (const listener of every) listener(method, params, context);
    },
    ask: async (method, params, signal) => handlers.get(method)?.(params, { id: ++asked, signal }),
  };
}
