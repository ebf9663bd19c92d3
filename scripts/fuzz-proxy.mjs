// npm run fuzz [-- --runs N --seed S --only CHECK --socket N]: mutated bytes over the proxy's parsers
// (test/network-approval/fuzz).
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, setup } from './setup.mjs';

await setup({ tests: true });
const { main } = await import(pathToFileURL(path.join(root, 'build/test/network-approval/fuzz/run.js')).href);
process.exit(await main(process.argv.slice(2)));
