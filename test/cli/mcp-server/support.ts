/** `codexd mcp-server` with a scripted model, message by message as an MCP client sees them. */
import fs from 'node:fs';
import path from 'node:path';
import type { Test } from 'tap';
import { splitLines } from '../../../clients/typescript/lines.js';
import { packageRoot } from '../../../server/package/package-root.js';
import { modelConfig } from '../../fixtures/model-config.js';
import { startModelServer, type ModelServer, type Step } from '../../fixtures/model-server.js';
import { startChild } from '../../fixtures/programs.js';
import { until } from '../../fixtures/until.js';

// Tests look at messages of every shape.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Loose = any;

export interface McpScene {
  readonly home: string;
  readonly work: string;
  readonly model: ModelServer;
  readonly messages: Loose[];
  readonly pid: number;
  /** What it wrote on standard error. */
  stderr(): string;
  send(message: object | string): void;
  /** Sends a request; resolves to its result or its error. */
  request(method: string, params?: object, id?: string | number): Promise<Loose>;
  /** Calls a tool; resolves to its result. `cwd` and a policy that asks are given unless said otherwise. */
  codex(args: object, id?: string | number): Promise<Loose>;
  /** The same call, whose answer nobody waits for. */
  begin(args: object, id: string | number): void;
  reply(threadId: string, prompt: string, id?: string | number): Promise<Loose>;
  /** The first message that fits, as soon as there is one. */
  next(fits: (message: Loose) => boolean): Promise<Loose>;
  /** The next question that nobody has answered. */
  question(): Promise<Loose>;
  answer(question: Loose, result: object): void;
  /** The `msg` of every event of a kind. */
  events(type: string): Loose[];
  /** Ends its input; resolves to its exit code. */
  close(): Promise<number | null>;
  readonly ended: Promise<number | null>;
}

export interface McpSceneOptions {
  readonly tables?: string;
  readonly capabilities?: object;
  readonly args?: readonly string[];
  /** The home of an earlier scene. */
  readonly home?: string;
  /** Files below the home. */
  readonly files?: Readonly<Record<string, string>>;
}

export async function mcpScene(t: Test, options: McpSceneOptions = {}, ...script: Step[]): Promise<McpScene> {
  const model = await startModelServer(...script);
  t.teardown(() => model.close());
  const root = fs.realpathSync(fs.mkdtempSync('/var/tmp/codexd-mcp-'));
  const [home, work] = [options.home ?? path.join(root, 'home'), path.join(root, 'work')];
  for (const folder of [home, work]) fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(home, 'config.toml'), `${modelConfig(model.url)}\n${options.tables ?? ''}\n`);
  for (const [name, text] of Object.entries(options.files ?? {})) fs.writeFileSync(path.join(home, name), text);
  const child = startChild(
    process.execPath,
    [path.join(packageRoot(), 'bin', 'codexd.cjs'), 'mcp-server', ...(options.args ?? [])],
    { cwd: work, env: { HOME: path.dirname(home), CODEX_HOME: home }, stdio: ['pipe', 'pipe', 'pipe'] },
  );
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const messages: Loose[] = [];
  const answered = new Set<Loose>();
  const feed = splitLines((line) => void messages.push(JSON.parse(line)), 64 * 1024 * 1024);
  child.stdout.on('data', feed);
  let stderr = '';
  child.stderr.on('data', (piece: Buffer) => (stderr += piece.toString()));
  // A program that has ended takes no more.
  child.stdin.on('error', () => undefined);
  let ids = 0;

  const self: McpScene = {
    home,
    work,
    model,
    messages,
    pid: child.pid ?? -1,
    ended,
    stderr: () => stderr,
    send: (message) => void child.stdin.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\n`),
    async request(method, params = {}, id = ++ids) {
      self.send({ jsonrpc: '2.0', id, method, params });
      const { result, error } = await self.next((message) => message.id === id && message.method === undefined);
      return result ?? error;
    },
    codex: (args, id) => self.request('tools/call', codexCall(work, args), id),
    begin: (args, id) => self.send({ jsonrpc: '2.0', id, method: 'tools/call', params: codexCall(work, args) }),
    reply: (threadId, prompt, id) =>
      self.request('tools/call', { name: 'codex-reply', arguments: { threadId, prompt } }, id),
    async next(fits) {
      await until(
        () => messages.some(fits),
        () => `${String(fits)}; last: ${JSON.stringify(messages.slice(-3))}; stderr: ${stderr.slice(-500)}`,
      );
      return messages.find(fits);
    },
    async question() {
      const found = await self.next((message) => message.method === 'elicitation/create' && !answered.has(message));
      answered.add(found);
      return found;
    },
    answer: (question, result) => self.send({ jsonrpc: '2.0', id: question.id, result }),
    events: (type) =>
      messages.flatMap(({ method, params }) =>
        method === 'codex/event' && params.msg.type === type ? [params.msg] : [],
      ),
    async close() {
      child.stdin.end();
      return ended;
    },
  };
  t.teardown(async () => {
    await self.close();
    fs.rmSync(root, { recursive: true, force: true });
  });
  await self.request('initialize', {
    protocolVersion: '2025-06-18',
    capabilities: options.capabilities ?? { elicitation: {} },
    clientInfo: { name: 'test', version: '1' },
  });
  self.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
  return self;
}

const codexCall = (cwd: string, args: object) => ({
  name: 'codex',
  arguments: { cwd, 'approval-policy': 'on-request', ...args },
});
