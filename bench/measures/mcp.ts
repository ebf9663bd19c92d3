import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Measure } from '../measure.js';
import { said, startModel } from '../model.js';
import { homeOf, makePlace, start, useModel } from '../targets.js';

const SERVERS = ['one', 'two', 'three'];
const PROGRAM = fileURLToPath(new URL('../load/mcp-server.js', import.meta.url));
const REPLY = said(['A short reply.']);

/**
 * From the start of the process to the first request to the model, which has the tools of three MCP servers. Each
 * sample is a new process: threads of one process could share what they have started.
 */
export const mcpFirstRequest: Measure = {
  name: 'mcp',
  title: 'first model request, 3 MCP servers',
  unit: 'ms',
  budget: { atMost: 1 },
  rounds: 15,
  warmUp: 2,
  prepare: async (target) => {
    const place = makePlace(target, 'plain');
    let arrived: (namespaces: number) => void = () => {};
    const model = await startModel((_, { tools }) => {
      arrived(tools.filter(({ name = '' }) => name.startsWith('mcp__')).length);
      return REPLY;
    });
    useModel(place, model.url);
    for (const name of SERVERS) {
      const server = `[mcp_servers.${name}]\ncommand = ${JSON.stringify(process.execPath)}\nargs = ${JSON.stringify([PROGRAM])}\n`;
      appendFileSync(path.join(homeOf(place), 'config.toml'), server);
    }
    return {
      sample: async () => {
        const first = new Promise<number>((resolve) => (arrived = resolve));
        const begin = performance.now();
        const client = await start(target, place);
        const { thread } = await client.request('thread/start', {});
        const ended = new Promise<void>((resolve) => void client.onNotification('turn/completed', () => resolve()));
        await client.request('turn/start', { threadId: thread.id, input: [{ type: 'text', text: 'go' }] });
        const namespaces = await first;
        const ms = performance.now() - begin;
        await ended;
        await client.close();
        if (namespaces !== SERVERS.length) throw new Error(`${target.name}: ${namespaces} servers in the request`);
        return ms;
      },
      close: async () => {
        await model.close();
        place.remove();
      },
    };
  },
};
