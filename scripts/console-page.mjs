// Builds the page of the console: dist/console/. The daemon serves exactly these files (server: --console).
import fs from 'node:fs';
import path from 'node:path';
import * as esbuild from 'esbuild';

/**
 * The terminal is a file of its own: it is larger than the rest of the page, and loaded when a person opens the
 * terminal of a command.
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
    plugins: [terminalApart],
  });
  await esbuild.build({ ...shared, entryPoints: { terminal: path.join(source, 'terminal', 'terminal.ts') } });
  fs.copyFileSync(path.join(source, 'index.html'), path.join(dist, 'index.html'));
}

/** @type {import('esbuild').Plugin} */
const terminalApart = {
  name: 'terminal-apart',
  setup(build) {
    build.onResolve({ filter: /\/terminal\/terminal\.js$/ }, () => ({ path: './terminal.js', external: true }));
  },
};
