/**
 * Makes dist/images: the thread that decodes images, and its decoder in WebAssembly (docs/decisions/image-decoder.md).
 * It is started by its path, so it is no part of another bundle.
 */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import * as esbuild from 'esbuild';

/** As the package reads it, from its own folder. */
const DECODER = 'photon_rs_bg.wasm';

/**
 * @param {import('esbuild').BuildOptions} options of the package's bundles
 * @param {string} entry
 * @param {string} folder
 */
export async function buildImageDecoder(options, entry, folder) {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  await esbuild.build({ ...options, entryPoints: [entry], outfile: path.join(folder, 'worker.cjs') });
  const found = createRequire(import.meta.url).resolve('@silvia-odwyer/photon-node');
  fs.copyFileSync(path.join(path.dirname(found), DECODER), path.join(folder, DECODER));
}
