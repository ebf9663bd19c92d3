// npm run transparent-rounds [-- --rounds N --neighbours N]: denied commands beside others in lanes for
// `transparent_tcp`; each denial must end exactly its command (test/real-programs/transparent-rounds.ts).
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, setup } from './setup.mjs';

await setup({ tests: true });
const { main } = await import(pathToFileURL(path.join(root, 'build/test/real-programs/transparent-rounds.js')).href);
process.exit(await main(process.argv.slice(2)));
