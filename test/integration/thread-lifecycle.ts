/** Threads of a real daemon whose turns are commands of the person, so that no model is needed. */
import fs from 'node:fs';
import type { RawDaemon, RawMessage } from '../fixtures/raw-daemon.js';

export const CONFIG = `model = "mock"
model_provider = "mock"
approval_policy = "never"
sandbox_mode = "read-only"
[model_providers.mock]
name = "Mock"
base_url = "http://127.0.0.1:9/v1"
`;
export const NONE = '00000000-0000-7000-8000-000000000000';
export const READ = { type: 'readOnly', networkAccess: false };
export const WRITE = { type: 'workspaceWrite', writableRoots: [], networkAccess: false };

export const item = (text: string) => ({ type: 'message', role: 'user', content: [{ type: 'input_text', text }] });
export const records = (file: string): { type: string; payload: Record<string, unknown> }[] =>
  fs
    .readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; payload: Record<string, unknown> });
export const quiet = (order: readonly string[]): string[] =>
  order.filter((each) => !/^(item\/|thread\/readState)/.test(each));

export async function begin(daemon: RawDaemon, params: object = {}): Promise<{ id: string; path: string }> {
  return (await daemon.call('thread/start', params)).thread;
}

/** A turn without a model: a command of the user's own. Answers its id. */
export async function turn(daemon: RawDaemon, threadId: string, command: string): Promise<string> {
  const from = daemon.messages.length;
  await daemon.call('thread/shellCommand', { threadId, command });
  const done = ({ method, params }: RawMessage): boolean => method === 'turn/completed' && params.threadId === threadId;
  const { params } = await daemon.next(done, from);
  return params.turn.id as string;
}
export const outputs = (thread: { turns: { items: { aggregatedOutput?: string }[] }[] }): (string | undefined)[] =>
  thread.turns.map(({ items }) => items[0]?.aggregatedOutput);
