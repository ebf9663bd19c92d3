// npm run mcp-denials [-- --rounds N]: denied network requests of sandboxed MCP servers in eight threads at once; each
// must end exactly its call (test/integration/mcp).
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, setup } from './setup.mjs';

await setup({ tests: true });
const { main } = await import(pathToFileURL(path.join(root, 'build/test/integration/mcp/denial-rounds.js')).href);
process.exit(await main(process.argv.slice(2)));
