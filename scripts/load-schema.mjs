// Loads a module of the sources into a script. It bundles the module, because scripts run before the build.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** @param {string} file a path below schema/ */
export const loadSchema = (file) => loadSource(`schema/${file}`);

/** @param {string} file a path below the root of the repository */
export async function loadSource(file) {
  // Inside the package, so that bare imports resolve.
  const folder = fs.mkdtempSync(path.join(root, 'node_modules', '.schema-'));
  const outfile = path.join(folder, 'module.mjs');
  try {
    await esbuild.build({
      entryPoints: [path.join(root, file)],
      outfile,
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'esm',
      packages: 'external',
      logLevel: 'warning',
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
