/**
 * The two bundles of the daemon: dist/codexd.cjs has the code of every start, dist/late/daemon.cjs the rest.
 *
 * The time to read and deserialise code is proportional to its size. So the core is small: `CORE` and all static
 * imports of these files. Modules that the core imports with import() are in the other bundle, which is loaded at its
 * first use. Each source file is in only one bundle. If the late bundle imports a file of the core, the import becomes
 * a look-up of the core's module, so both use the same state.
 */
import fs from 'node:fs';
import path from 'node:path';
import * as esbuild from 'esbuild';

/** @typedef {import('esbuild').BuildOptions & { root: string, plugins: import('esbuild').Plugin[] }} Options */

/** The command line, and the server up to its answer to `initialize`. */
const CORE = ['server/cli/main.ts', 'server/cli/program.ts', 'server/app/app.ts'];
const ENTRY = 'server/cli/main.ts';
/** The name in server/package/package-parts.ts. */
const LATE = 'late/daemon.cjs';
const PARTS = './server/package/package-parts.ts';

/**
 * Writes both bundles to `dist`. `options`: the options of esbuild, with plugins for the separate bundles.
 * @param {Options & { dist: string, coreBanner: { js: string } }} options
 */
export async function bundleDaemon({ root, dist, coreBanner, ...options }) {
  const files = await importsOf({ root, ...options });
  const core = reachable(files, CORE);
  const exported = await exportsOf(root, core);
  /** @param {string} file */
  const isLate = (file) => file in files && !file.includes(':') && !core.has(file);
  const imports = [...core].flatMap((file) => files[file].imports.map(({ path }) => path));
  const entries = [...new Set(imports)].filter(isLate).sort();
  /**
   * @param {string} contents
   * @param {import('esbuild').Plugin} plugin
   * @param {string} outfile
   * @param {{ js?: string }} banner
   */
  const bundle = (contents, plugin, outfile, banner) =>
    esbuild.build({
      ...options,
      banner,
      plugins: [...options.plugins, plugin],
      stdin: { contents, resolveDir: root, loader: 'js' },
      outfile,
    });

  const shared = new Set();
  const fromCore = redirect(root, {
    applies: (/** @type {string} */ file) => core.has(file),
    contents: (/** @type {string} */ file) => {
      shared.add(file);
      const module = `require.core(${JSON.stringify(file)})`;
      const names = exported[file];
      if (names === undefined) return `module.exports = ${module};`; // a package in CommonJS
      const exports = names.map(
        (/** @type {string} */ name, /** @type {number} */ i) =>
          `const v${i} = module.${name};export { v${i} as ${name} };`,
      );
      return `const module = ${module};${exports.join('')}`;
    },
  });
  await bundle(`module.exports = ${tableOf(entries)};`, fromCore, path.join(dist, LATE), {});

  const toLate = redirect(root, {
    applies: isLate,
    contents: (/** @type {string} */ file) =>
      `module.exports = require(${JSON.stringify(PARTS)}).requirePart(${JSON.stringify(LATE)})[${JSON.stringify(file)}]();`,
  });
  const contents = `require(${JSON.stringify(PARTS)}).shareModules(${tableOf([...shared].sort())});require(${JSON.stringify(`./${ENTRY}`)});`;
  await bundle(contents, toLate, path.join(dist, 'codexd.cjs'), coreBanner);
}

/**
 * The source of an object with a function for each file; it evaluates the file and returns its exports.
 * @param {string[]} files
 */
const tableOf = (files) =>
  `{${files.map((/** @type {string} */ file) => `${JSON.stringify(file)}: () => require(${JSON.stringify(`./${file}`)})`).join(',')}}`;

/**
 * Every file of the daemon with its imports, relative to `root`.
 * @param {Options} options
 */
async function importsOf({ root, ...options }) {
  const { metafile } = await esbuild.build({
    ...options,
    absWorkingDir: root,
    entryPoints: [ENTRY],
    outfile: path.join(root, 'dist', 'codexd.cjs'),
    metafile: /** @type {const} */ (true),
    write: false,
  });
  return metafile.inputs;
}

/**
 * `entries` and the files that they need to be evaluated.
 * @param {import('esbuild').Metafile['inputs']} files
 * @param {string[]} entries
 */
function reachable(files, entries) {
  const found = new Set();
  const open = [...entries];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (found.has(file) || !files[file]) continue;
    found.add(file);
    for (const { path, kind, external } of files[file].imports) {
      if (kind !== 'dynamic-import' && !external) open.push(path);
    }
  }
  return found;
}

/**
 * The exports of each source file. The other bundle reads them once, when it first needs the file. So exports that can
 * change later, and exports without a name, are refused here.
 * @param {string} root
 * @param {Iterable<string>} files
 */
async function exportsOf(root, files) {
  const sources = [...files].filter((file) => /^(?:server|schema|clients)\//.test(file));
  for (const file of sources) {
    const found = /^export (?:default|let|var|\*)|\bas default\b/m.exec(fs.readFileSync(path.join(root, file), 'utf8'));
    if (found) throw new Error(`${file}: the daemon's bundles cannot share "${found[0]}"`);
  }
  const { metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: sources,
    outdir: path.join(root, 'dist'),
    format: 'esm',
    metafile: true,
    write: false,
  });
  return Object.fromEntries(Object.values(metafile.outputs).map(({ entryPoint, exports }) => [entryPoint, exports]));
}

/**
 * Replaces the contents of the files to which it applies.
 * @param {string} root
 * @param {{ applies: (file: string) => boolean, contents: (file: string) => string }} options
 */
function redirect(root, { applies, contents }) {
  const namespace = 'other-bundle';
  return {
    name: namespace,
    /** @param {import('esbuild').PluginBuild} build */
    setup(build) {
      build.onResolve(
        { filter: /./ },
        async (/** @type {import('esbuild').OnResolveArgs} */ { path: name, pluginData, ...where }) => {
          if (pluginData === namespace || where.kind === 'entry-point') return undefined;
          // The tables import the files themselves.
          if (where.importer === '<stdin>') return undefined;
          const { path: found, external } = await build.resolve(name, { ...where, pluginData: namespace });
          if (external || !path.isAbsolute(found)) return undefined;
          const file = path.relative(root, found).split(path.sep).join('/');
          return applies(file) ? { path: file, namespace } : undefined;
        },
      );
      build.onLoad({ filter: /./, namespace }, (/** @type {import('esbuild').OnLoadArgs} */ { path: file }) => ({
        contents: contents(file),
        resolveDir: root,
        loader: 'js',
      }));
    },
  };
}
