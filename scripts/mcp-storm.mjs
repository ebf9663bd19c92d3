// npm run mcp-storm [-- --threads N --seed S]: threads with three MCP servers each; servers and daemons are killed with
// SIGKILL, and nothing may be left of them (test/integration/mcp).
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, setup } from './setup.mjs';

await setup({ tests: true });
const { main } = await import(pathToFileURL(path.join(root, 'build/test/integration/mcp/storm.js')).href);
process.exit(await main(process.argv.slice(2)));
