// Writes the client's declarations to dist/types, for programs that have neither codexd's sources, nor TypeBox, nor
// Node's types. The compiler makes them from clients/typescript, where the expanded protocol
// (schema/generate/client-types.ts) replaces schema/registry.ts.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { loadSchema } from './load-schema.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
/** @param {...string} parts */
const at = (...parts) => path.join(root, ...parts);
/** The entries in package.json. */
const ENTRIES = ['index', 'browser'];

/** Throws Error with the compiler's output. */
export async function buildTypes() {
  const { clientTypes } = await loadSchema('generate/client-types.ts');
  // Below the root, so that the compiler finds the packages.
  const work = fs.mkdtempSync(at('dist', '.types-'));
  try {
    fs.cpSync(at('clients', 'typescript'), path.join(work, 'clients', 'typescript'), { recursive: true });
    fs.mkdirSync(path.join(work, 'schema'));
    fs.writeFileSync(path.join(work, 'schema', 'registry.ts'), clientTypes());
    const emitted = emit(work);
    const wanted = reachable(emitted);
    fs.rmSync(at('dist', 'types'), { recursive: true, force: true });
    for (const [format, type] of [
      ['esm', 'module'],
      ['cjs', 'commonjs'],
    ]) {
      // A compiler reads the module kind of a declaration from the nearest package.json.
      write(at('dist', 'types', format, 'package.json'), `{"type":"${type}"}\n`);
      for (const file of wanted) write(at('dist', 'types', format, file), /** @type {string} */ (emitted.get(file)));
    }
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
  }
}

/**
 * The declarations by path, all in one folder: client.d.ts of clients/typescript, registry.d.ts of schema.
 * @param {string} work
 */
function emit(work) {
  const options = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    lib: ['lib.es2023.d.ts'],
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: true,
    declaration: true,
    emitDeclarationOnly: true,
    rootDir: work,
    outDir: path.join(work, 'out'),
  };
  const entries = ENTRIES.map((name) => path.join(work, 'clients', 'typescript', `${name}.ts`));
  const program = ts.createProgram(entries, options);
  /** @type {Map<string, string>} */
  const emitted = new Map();
  const { diagnostics } = program.emit(undefined, (file, text) => {
    const name = path.basename(file);
    if (emitted.has(name)) throw new Error(`two declarations are called ${name}`);
    emitted.set(name, text.replaceAll("'../../schema/registry.js'", "'./registry.js'"));
  });
  const problems = [...ts.getPreEmitDiagnostics(program), ...diagnostics];
  if (problems.length) {
    const host = {
      getCanonicalFileName: (/** @type {string} */ f) => f,
      getCurrentDirectory: () => root,
      getNewLine: () => '\n',
    };
    throw new Error(`the client's declarations:\n${ts.formatDiagnostics(problems, host)}`);
  }
  return emitted;
}

/**
 * The files that the entries import, directly or indirectly. Throws Error for a module from outside.
 * @param {Map<string, string>} emitted
 */
function reachable(emitted) {
  const found = new Set();
  /** @param {string} file */
  const visit = (file) => {
    if (found.has(file)) return;
    found.add(file);
    const text = emitted.get(file);
    if (text === undefined) throw new Error(`the declaration ${file} is named and was not made`);
    for (const { fileName: from } of ts.preProcessFile(text).importedFiles) {
      if (!/^\.\/[\w-]+\.js$/.test(from)) throw new Error(`${file} names ${from}: the declarations must stand alone`);
      visit(`${from.slice(2, -3)}.d.ts`);
    }
  };
  for (const name of ENTRIES) visit(`${name}.d.ts`);
  return [...found].sort();
}

/**
 * @param {string} file
 * @param {string} text
 */
function write(file, text) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildTypes();
