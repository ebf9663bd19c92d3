/** The official program, for tests of exchange. They run only if it is already installed. */
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Test } from 'tap';
import { PROTOCOL_VERSION } from '../../../server/package/package-version.js';
import { modelConfig } from '../../fixtures/model-config.js';
import { startModelServer } from '../../fixtures/model-server.js';
import { startChild } from '../../fixtures/programs.js';

/** Path of the native program: `CODEXD_REFERENCE`, else the one that the benchmarks downloaded; null: there is none. */
export function findReference(): string | null {
  const named = process.env['CODEXD_REFERENCE'];
  if (named !== undefined && named !== '') return named;
  const cache = path.resolve(process.env['CODEXD_BENCH_CACHE'] ?? path.join(os.tmpdir(), 'codexd-bench'));
  const scope = path.join(cache, `reference-${PROTOCOL_VERSION}`, 'node_modules', '@openai');
  return (
    list(scope)
      .flatMap((name) =>
        list(path.join(scope, name, 'vendor')).map((triple) => path.join(scope, name, 'vendor', triple)),
      )
      .map((vendor) => path.join(vendor, 'bin', 'codex'))
      .find((program) => fs.existsSync(program)) ?? null
  );
}

export const NOT_INSTALLED =
  'the official program is not installed: name it with CODEXD_REFERENCE, or run the benchmarks once, which fetch it';

export interface Reference {
  /** Resolves to the result; rejects with the error's message. */
  call(method: string, params: Record<string, unknown>): Promise<Record<string, never>>;
  error(method: string, params: Record<string, unknown>): Promise<{ code: number; message: string } | null>;
  /** Runs a turn to its end. */
  turn(threadId: string, text: string): Promise<void>;
  /** The input of the last request to the model. */
  lastInput(): { type: string; role?: string; content?: { text?: string }[] }[];
  stop(): Promise<void>;
}

/** Starts it on a home, with a scripted model and without a network. */
export async function startReference(t: Test, program: string, home: string): Promise<Reference> {
  const model = await startModelServer();
  fs.writeFileSync(path.join(home, 'config.toml'), modelConfig(model.url));
  const child = startChild(program, ['app-server'], {
    cwd: home,
    env: { PATH: process.env['PATH'], HOME: home, CODEX_HOME: home, OPENAI_API_KEY: 'none' },
    extendEnv: false,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const pending = new Map<number, (message: Message) => void>();
  const listeners = new Set<(message: Message) => void>();
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines.filter((text) => text.trim() !== '')) {
      const message = JSON.parse(line) as Message;
      if (message.method === undefined && message.id !== undefined) pending.get(message.id)?.(message);
      else for (const listener of listeners) listener(message);
    }
  });
  let lastId = 0;
  const request = (method: string, params: unknown): Promise<Message> =>
    new Promise((resolve, reject) => {
      const id = ++lastId;
      const timer = setTimeout(() => reject(new Error(`no answer to ${method}`)), 30_000);
      pending.set(id, (message) => {
        clearTimeout(timer);
        resolve(message);
      });
      child.stdin.write(`${JSON.stringify({ id, method, params })}\n`);
    });
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.stdin.end();
      child.kill('SIGTERM');
      await once(child, 'close');
    }
    await model.close();
  };
  t.teardown(stop);
  await request('initialize', {
    clientInfo: { name: 'codexd-test', version: '0' },
    capabilities: { experimentalApi: true },
  });
  child.stdin.write('{"method":"initialized"}\n');

  const reference: Reference = {
    async call(method, params) {
      const { result, error } = await request(method, params);
      if (error !== undefined) throw new Error(`${method}: ${error.message}`);
      return result as Record<string, never>;
    },
    error: async (method, params) => (await request(method, params)).error ?? null,
    async turn(threadId, text) {
      const ended = new Promise<void>((resolve) => {
        const listener = ({ method, params }: Message): void => {
          if (method !== 'turn/completed' || params?.['threadId'] !== threadId) return;
          listeners.delete(listener);
          resolve();
        };
        listeners.add(listener);
      });
      await reference.call('turn/start', { threadId, input: [{ type: 'text', text }] });
      await ended;
    },
    lastInput: () => (model.requests.at(-1)?.body['input'] ?? []) as ReturnType<Reference['lastInput']>,
    stop,
  };
  return reference;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

const list = (folder: string): string[] => (fs.existsSync(folder) ? fs.readdirSync(folder) : []);
