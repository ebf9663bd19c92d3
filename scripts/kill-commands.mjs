// npm run kill-commands [-- --rounds N --window MS]: ends commands in every way at every moment of their start; no
// process may be left (test/security-bar/endings).
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, setup } from './setup.mjs';

await setup({ tests: true });
const { main } = await import(pathToFileURL(path.join(root, 'build/test/security-bar/endings/kill-commands.js')).href);
process.exit(await main(process.argv.slice(2)));
