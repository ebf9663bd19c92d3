// Compiles the protocol's types to validators: for each family one CommonJS file without imports, and the shapes as
// JSON, which explain refused values (server/rpc/wire/decode.ts, schema/shape/explain.ts).
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import standaloneCode from 'ajv/dist/standalone/index.js';
import * as esbuild from 'esbuild';
import { loadSchema } from './load-schema.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** @param {string} outDir is removed and created again */
export async function buildValidators(outDir) {
  const schema = await loadSchema('families.ts');
  fs.rmSync(outDir, { recursive: true, force: true });
  fs.mkdirSync(outDir, { recursive: true });
  for (const family of schema.families()) {
    if (family.name === schema.INLINE_FAMILY) continue;
    await bundle(compile(family, schema), path.join(outDir, `${family.name}.cjs`));
    const { methods, definitions } = family;
    fs.writeFileSync(path.join(outDir, `${family.name}.json`), JSON.stringify({ methods, definitions }));
  }
}

/**
 * The source of one family's validators, exported by method name.
 * @param {import('../schema/families.js').Family} family
 * @param {typeof import('../schema/families.js')} schema
 */
function compile(family, { typeId, validatorSchema }) {
  const ajv = new Ajv({
    code: { source: true, lines: false, optimize: 2 },
    useDefaults: true,
    discriminator: true,
    // One function for each named type: ajv adds no defaults to types that it inlines below a union.
    inlineRefs: false,
    strict: false,
    // The message comes from schema/shape/explain.ts; ajv's messages would only cost memory.
    messages: false,
  });
  for (const [name, shape] of Object.entries(family.definitions)) {
    ajv.addSchema({ $id: typeId(name), allOf: [validatorSchema(shape)] });
  }
  /** @type {Record<string, string>} */
  const ids = {};
  for (const [method, shape] of Object.entries(family.methods)) {
    const id = `urn:method:${method}`;
    ajv.addSchema({ $id: id, allOf: [validatorSchema(shape)] });
    ids[method] = id;
  }
  // `standalone` needs identifiers as keys; the methods' real names are set afterwards.
  const names = Object.keys(ids);
  const numbered = Object.fromEntries(names.map((method, index) => [`v${index}`, ids[method]]));
  const code = standaloneCode.default(ajv, numbered);
  const table = names.map((method, index) => `${JSON.stringify(method)}: exports.v${index}`).join(',\n  ');
  return `${code}\nmodule.exports = {\n  ${table},\n};\n`;
}

/**
 * Bundles ajv's few run-time helpers, so that the daemon loads nothing of ajv.
 * @param {string} contents
 * @param {string} outfile
 */
async function bundle(contents, outfile) {
  await esbuild.build({
    stdin: { contents, resolveDir: root, loader: 'js' },
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    minify: true,
    logLevel: 'warning',
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildValidators(path.join(root, 'dist', 'validators'));
