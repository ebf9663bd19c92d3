/** Official MCP servers in threads of a daemon, where they are installed (test/fixtures/real-clients.ts). */
import type { Test } from 'tap';
import { event } from '../fixtures/model-server.js';
import { installed } from '../fixtures/real-clients.js';
import { calls, scene, type Scene, type SceneOptions } from '../sessions/turn/support.js';

/** The program of `@modelcontextprotocol/server-NAME`; null: not installed. */
export const serverProgram = (name: string): string | null =>
  installed('@modelcontextprotocol', `server-${name}`, 'dist', 'index.js');

/** The table of config.toml that starts a program with Node. */
export const nodeTable = (name: string, file: string, args: readonly string[] = [], more = ''): string =>
  `[mcp_servers.${name}]\ncommand = ${JSON.stringify(process.execPath)}\nargs = ${JSON.stringify([file, ...args])}\n${more}\n`;

/** A call of the model; `server` and `tool` as the model names them. */
export const use = (server: string, tool: string, input: object, id = tool): object => ({
  ...event.call(tool, input, id),
  namespace: `mcp__${server}`,
});

/** A thread that asks nobody, and whose servers are these. */
export const withServers = (t: Test, tables: string, options: SceneOptions = {}): Promise<Scene> =>
  scene(t, { tables, start: { sandbox: 'danger-full-access', approvalPolicy: 'never' }, ...options });

/** One turn in which the model makes these calls, one after the other; what each gives the model, by call id. */
export async function turnWith(s: Scene, ...made: readonly object[]): Promise<Readonly<Record<string, string>>> {
  for (const call of made) s.model.push(calls(call));
  await s.turn('go');
  return s.outputs();
}
