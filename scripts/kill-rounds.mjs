// npm run kill-rounds [-- --rounds N --seed S --keep]: kills a busy daemon at random moments; no acknowledged work may
// be lost (test/integration/durability).
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, setup } from './setup.mjs';

await setup({ tests: true });
const { main } = await import(pathToFileURL(path.join(root, 'build/test/integration/durability/kill-rounds.js')).href);
process.exit(await main(process.argv.slice(2)));
