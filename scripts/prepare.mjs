// npm runs this behind an install in a clone, and before it packs one: for an install from git it is the only place to
// build.
import fs from 'node:fs';
import path from 'node:path';
import { build, root } from './setup.mjs';

const tools = path.join(root, 'node_modules', 'esbuild');
if (process.env.CODEXD_SETUP) {
  // scripts/setup.mjs is at work and builds what is needed.
} else if (fs.existsSync(tools)) {
  await build({ types: true });
} else {
  process.stderr.write(
    'codexd: not built, because there are no devDependencies here; the first start installs them.\n',
  );
}
