/** A home whose model gives these answers. */
import fs from 'node:fs';
import path from 'node:path';
import type { Client } from '../../clients/typescript/index.js';

export const SAYS_YES = {
  events: [
    {
      type: 'item',
      item: { type: 'message', role: 'assistant', id: 'm', content: [{ type: 'output_text', text: 'yes' }] },
    },
    { type: 'completed', responseId: 'r', usage: null },
  ],
};

/** Makes a cassette of these responses in `folder`, and the lines of config.toml that play it. */
export function tape(folder: string, responses: readonly unknown[]): string {
  const file = path.join(folder, 'tape.jsonl');
  const lines = [{ codexd_cassette: 1 }, ...responses].map((line) => `${JSON.stringify(line)}\n`);
  fs.writeFileSync(file, lines.join(''));
  return `model_provider = "tape"\n[model_providers.tape]\nname = "Tape"\nwire_api = "replay"\ncassette = ${JSON.stringify(file)}\n`;
}

/** Resolves with the params of the first notification of this method, from now on, that is about the thread. */
export function told(client: Client, method: string, threadId: string): Promise<unknown> {
  return new Promise((resolve) => {
    const stop = client.onEveryNotification((name, params) => {
      if (name !== method || (params as { threadId?: string }).threadId !== threadId) return;
      stop();
      resolve(params);
    });
  });
}

export async function turn(client: Client, threadId: string): Promise<void> {
  const ended = told(client, 'turn/completed', threadId);
  await client.request('turn/start', { threadId, input: [{ type: 'text', text: 'go' }] });
  await ended;
}
