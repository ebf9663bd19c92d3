// Builds the page of the console: dist/console/. The daemon serves exactly these files (server: --console).
import fs from 'node:fs';
import path from 'node:path';
import * as esbuild from 'esbuild';

/** Files of their own, which the page imports with the first terminal, Markdown, and request by hand. */
const LATE = ['terminal', 'markdown', 'methods'];

/**
 * @param {string} root
 * @param {string} dist
 */
export async function buildConsolePage(root, dist) {
  const source = path.join(root, 'clients', 'console');
  const { version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
  /** @type {import('esbuild').BuildOptions} */
  const shared = {
    bundle: true,
    platform: 'browser',
    target: ['chrome123', 'firefox121', 'safari17.5'],
    format: 'esm',
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
    tsconfig: path.join(source, 'tsconfig.json'),
    define: { CODEXD_VERSION: JSON.stringify(version) },
    outdir: dist,
  };
  await esbuild.build({
    ...shared,
    entryPoints: [
      { in: path.join(source, 'main.tsx'), out: 'console' },
      { in: path.join(source, 'styles', 'console.css'), out: 'console' },
    ],
    plugins: [lateApart],
  });
  // One by one: what two of them share is in both, so that each is one request.
  for (const name of LATE)
    await esbuild.build({ ...shared, entryPoints: { [name]: path.join(source, name, `${name}.ts`) } });
  fs.copyFileSync(path.join(source, 'index.html'), path.join(dist, 'index.html'));
}

/** @type {import('esbuild').Plugin} */
const lateApart = {
  name: 'late-apart',
  setup(build) {
    for (const name of LATE)
      build.onResolve({ filter: new RegExp(`/${name}/${name}\\.js$`) }, () => ({
        path: `./${name}.js`,
        external: true,
      }));
  },
};
