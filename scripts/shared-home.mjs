// npm run shared-home [-- --seconds N --seed S]: two daemons and the official program work on one home
// (test/integration/durability).
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, setup } from './setup.mjs';

await setup({ tests: true });
const { main } = await import(pathToFileURL(path.join(root, 'build/test/integration/durability/shared-home.js')).href);
process.exit(await main(process.argv.slice(2)));
