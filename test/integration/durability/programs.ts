/** Our daemon and the official program, as processes on one home. */
import path from 'node:path';
import { connectStdio, type Client } from '../../../clients/typescript/index.js';
import { packageRoot } from '../../../server/package/package-root.js';

export interface Program {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

export const ours = (name = 'codexd'): Program => ({
  name,
  command: process.execPath,
  args: [path.join(packageRoot(), 'bin', 'codexd.cjs'), 'app-server'],
});
export const theirs = (program: string): Program => ({ name: 'reference', command: program, args: ['app-server'] });

/** `root` has the folders `home`, with a config.toml, and `work`. */
export function startProgram({ name, command, args }: Program, root: string): Promise<Client> {
  const home = path.join(root, 'home');
  return connectStdio({
    command,
    args,
    cwd: path.join(root, 'work'),
    env: { PATH: process.env['PATH'], HOME: home, CODEX_HOME: home, LANG: 'C.UTF-8', SHELL: '/bin/bash' },
    clientInfo: { name: `codexd-test-${name}`, title: null, version: '0' },
    capabilities: { experimentalApi: true },
    requestTimeoutMs: 30_000,
  });
}

/** Runs a turn to its end; its id. */
export async function runTurn(client: Client, threadId: string, text: string): Promise<string> {
  const ended = new Promise<string>((resolve) => {
    const off = client.onNotification('turn/completed', (params) => {
      if (params.threadId !== threadId) return;
      off();
      resolve(params.turn.id);
    });
  });
  await client.request('turn/start', { threadId, input: [{ type: 'text', text, text_elements: [] }] });
  return ended;
}
