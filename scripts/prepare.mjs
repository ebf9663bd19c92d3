// npm runs this after an install in a clone, and before it packs one. For an install from git it is the only step that
// can build.
import fs from 'node:fs';
import path from 'node:path';
import { build, root } from './setup.mjs';

const tools = path.join(root, 'node_modules', 'esbuild');
if (process.env.CODEXD_SETUP) {
  // scripts/setup.mjs is running and builds the needed parts.
} else if (fs.existsSync(tools)) {
  await build({ types: true });
} else {
  process.stderr.write(
    'codexd: not built, because there are no devDependencies here; the first start installs them.\n',
  );
}
