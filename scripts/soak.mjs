// npm run soak [-- --turns N --seed S --wire responses|chat --keep]: many turns with a model that misbehaves; nothing
// may hang, stay open, grow or be lost (test/integration/soak).
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, setup } from './setup.mjs';

await setup({ tests: true });
const { main } = await import(pathToFileURL(path.join(root, 'build/test/integration/soak/soak.js')).href);
process.exit(await main(process.argv.slice(2)));
