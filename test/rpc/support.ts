/** Shared by the tests of server/rpc: a client in memory, and the fixture daemon as a process. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import { WebSocket, type ClientOptions } from 'ws';
import { silentLogger, type Logger } from '../../server/log/log.js';
import type { Caller, RequestContext } from '../../server/rpc/connection/caller.js';
import type { ClientPipe, ClientPipeListener } from '../../server/rpc/connection/client-pipe.js';
import { createRpcServer, type RpcServer, type RpcServerOptions } from '../../server/rpc/server.js';
import { startChild } from '../fixtures/programs.js';

/** One message of the server, as a client reads it. */
export interface Message {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

export const INITIALIZE = {
  id: 'init',
  method: 'initialize',
  params: { clientInfo: { name: 'test', version: '1.0.0' }, capabilities: { experimentalApi: true } },
};

/** Handlers without the types of the protocol: tests may answer anything. */
export type TestHandlers = Readonly<
  Record<string, (params: never, caller: Caller, context: RequestContext) => unknown>
>;

export function testServer(handlers: TestHandlers = {}, options: Partial<RpcServerOptions> = {}): RpcServer {
  return createRpcServer({
    handlers,
    initialize: (_params, { client }) => ({
      userAgent: `${client.name}/0.169.0`,
      codexHome: '/home',
      platformFamily: 'unix',
      platformOs: 'linux',
    }),
    interruptible: new Set(),
    log: silentLogger,
    ...options,
  });
}

/** A log that keeps the messages of its errors. */
export function recordingLog(): { readonly log: Logger; readonly logged: readonly string[] } {
  const logged: string[] = [];
  const log: Logger = { ...silentLogger, error: (message) => void logged.push(message), child: () => log };
  return { log, logged };
}

/** Messages in the order of arrival, and the waits for them. */
interface Inbox {
  readonly messages: Message[];
  add(message: Message): void;
  next(fits: (message: Message) => boolean): Promise<Message>;
}

function createInbox(): Inbox {
  const messages: Message[] = [];
  const waiting = new Set<(message: Message) => void>();
  return {
    messages,
    add(message) {
      messages.push(message);
      waiting.forEach((look) => look(message));
    },
    next: (fits) =>
      new Promise((resolve) => {
        const found = messages.find(fits);
        if (found) return resolve(found);
        const look = (message: Message): void => {
          if (!fits(message)) return;
          waiting.delete(look);
          resolve(message);
        };
        waiting.add(look);
      }),
  };
}

/** A client over a pipe in memory. It reads at once, unless `stall` is set. */
export interface MemoryClient {
  readonly messages: Message[];
  /** The same as bytes on the wire. */
  readonly lines: string[];
  readonly listener: ClientPipeListener;
  closed: { code: number; reason: string } | null;
  paused: boolean;
  stall: boolean;
  /** Reads everything that was sent while stalled. */
  read(): void;
  send(message: unknown): void;
  sendText(text: string): void;
  /** Resolves with the first message that fits. */
  next(fits: (message: Message) => boolean): Promise<Message>;
  request(id: string | number, method: string, params?: unknown): Promise<Message>;
}

export function connect(server: RpcServer): MemoryClient {
  const inbox = createInbox();
  const lines: string[] = [];
  let unread: (() => void)[] = [];
  const pipe: ClientPipe = {
    transport: 'websocket',
    send(message, sent) {
      const line = message.toString();
      lines.push(line);
      inbox.add(JSON.parse(line) as Message);
      if (client.stall) unread.push(sent);
      else queueMicrotask(sent);
    },
    pause() {
      client.paused = true;
    },
    resume() {
      client.paused = false;
    },
    close(code, reason) {
      client.closed = { code, reason };
      listener.ended();
    },
    destroy() {},
  };
  const client: MemoryClient = {
    messages: inbox.messages,
    lines,
    get listener() {
      return listener;
    },
    closed: null,
    paused: false,
    stall: false,
    read() {
      client.stall = false;
      const sent = unread;
      unread = [];
      sent.forEach((tell) => tell());
    },
    send: (message) => client.sendText(JSON.stringify(message)),
    sendText: (text) => listener.receive(text, text.length),
    next: inbox.next,
    request(id, method, params = {}) {
      client.send({ id, method, params });
      return client.next((message) => message.id === id && message.method === undefined);
    },
  };
  const listener = server.accept(pipe);
  return client;
}

export async function initialized(server: RpcServer, capabilities: unknown = { experimentalApi: true }) {
  const client = connect(server);
  client.send({ ...INITIALIZE, params: { ...INITIALIZE.params, capabilities } });
  await client.next(({ id }) => id === 'init');
  return client;
}

/** Runs everything that is ready to run. */
export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
};

/** The test's own folder, removed after it. */
export function temporaryFolder(t: Test): string {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'rpc-test-')));
  t.teardown(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface Daemon {
  readonly process: ReturnType<typeof startFixture>;
  readonly messages: Message[];
  stdout(): string;
  stderr(): string;
  send(...messages: unknown[]): void;
  write(bytes: string | Buffer): void;
  next(fits: (message: Message) => boolean): Promise<Message>;
  request(id: string | number, method: string, params?: unknown): Promise<Message>;
  /** Resolves when stderr contains the text. */
  says(text: RegExp): Promise<RegExpExecArray>;
  /** The exit code, or the signal that ended it. */
  readonly exited: Promise<number | NodeJS.Signals>;
}

const FIXTURE = fileURLToPath(new URL('../fixtures/rpc-daemon.js', import.meta.url));

const startFixture = (args: readonly string[], env: Record<string, string>) =>
  startChild(process.execPath, ['--expose-gc', FIXTURE, ...args], { env });

/** Starts the fixture daemon; it is killed after the test. */
export function startDaemon(t: Test, args: readonly string[] = [], env: Record<string, string> = {}): Daemon {
  const child = startFixture(args, env);
  t.teardown(() => child.kill('SIGKILL'));
  const inbox = createInbox();
  let out = '';
  let rest = '';
  let err = '';
  const watchers = new Set<() => void>();
  const watch = <T>(look: () => T | null | undefined): Promise<T> =>
    new Promise((resolve) => {
      const watcher = (): void => {
        const found = look();
        if (found === null || found === undefined) return;
        watchers.delete(watcher);
        resolve(found);
      };
      watchers.add(watcher);
      watcher();
    });
  child.stdin.on('error', () => {});
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines) inbox.add(JSON.parse(line) as Message);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
    watchers.forEach((watcher) => watcher());
  });
  const daemon: Daemon = {
    process: child,
    messages: inbox.messages,
    stdout: () => out,
    stderr: () => err,
    send: (...all) => daemon.write(all.map((message) => `${JSON.stringify(message)}\n`).join('')),
    write: (bytes) => void child.stdin.write(bytes),
    next: inbox.next,
    request(id, method, params = {}) {
      daemon.send({ id, method, params });
      return daemon.next((message) => message.id === id);
    },
    says: (text) => watch(() => text.exec(err)),
    exited: new Promise((resolve) => child.on('close', (code, signal) => resolve(code ?? signal!))),
  };
  return daemon;
}

/** Starts the daemon on a loopback WebSocket and returns its port. */
export async function startListener(t: Test, args: readonly string[] = [], env: Record<string, string> = {}) {
  const daemon = startDaemon(t, ['--listen', 'ws://127.0.0.1:0', ...args], env);
  const [, port] = await daemon.says(/listening on: ws:\/\/127\.0\.0\.1:(\d+)\n/);
  await daemon.says(/note:.*\n/);
  return { daemon, port: Number(port) };
}

export interface SocketClient {
  readonly ws: WebSocket;
  readonly messages: Message[];
  send(message: unknown): void;
  next(fits: (message: Message) => boolean): Promise<Message>;
  request(id: string | number, method: string, params?: unknown): Promise<Message>;
  /** The close code. */
  readonly closed: Promise<number>;
}

/** Connects with the ws package. Rejects with the status of a refusal. */
export async function dial(t: Test, url: string, options: ClientOptions = {}): Promise<SocketClient> {
  const ws = new WebSocket(url, { perMessageDeflate: false, maxPayload: 512 * 1024 * 1024, ...options });
  t.teardown(() => ws.terminate());
  const inbox = createInbox();
  ws.on('message', (data: Buffer) => inbox.add(JSON.parse(data.toString()) as Message));
  const closed = new Promise<number>((resolve) => ws.on('close', resolve));
  await new Promise<void>((resolve, reject) => {
    ws.once('open', () => resolve());
    ws.once('unexpected-response', (_request, response) => reject(new Error(`HTTP ${response.statusCode}`)));
    ws.on('error', reject);
  });
  const client: SocketClient = {
    ws,
    messages: inbox.messages,
    closed,
    send: (message) => ws.send(JSON.stringify(message)),
    next: inbox.next,
    request(id, method, params = {}) {
      client.send({ id, method, params });
      return client.next((message) => message.id === id);
    },
  };
  return client;
}

export async function dialInitialized(t: Test, url: string, options: ClientOptions = {}): Promise<SocketClient> {
  const client = await dial(t, url, options);
  client.send(INITIALIZE);
  await client.next(({ id }) => id === 'init');
  return client;
}
