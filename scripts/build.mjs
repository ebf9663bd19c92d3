// Builds dist/ (the program) and, with --tests, build/ (every source file separately, for tests and benchmarks).
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { Module } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { buildConsolePage } from './console-page.mjs';
import { bundleDaemon } from './daemon-bundles.mjs';
import { buildImageDecoder } from './image-decoder.mjs';
import { jsonrpcConnection } from './jsonrpc-connection.mjs';
import { nodeOnce } from './node-once.mjs';
import { terminalLibrary } from './terminal-library.mjs';
import { buildPatchProgram } from './patch-program.mjs';
import { writeCodeCache } from './write-code-cache.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
/** @param {...string} parts */
const at = (...parts) => path.join(root, ...parts);

/**
 * No package stays outside the bundles: if one is not installed, another program could put its own file at that place.
 * ws has two optional packages; its own switches remove them from the bundle.
 */
const withoutOptional = {
  'process.env.WS_NO_BUFFER_UTIL': '"1"',
  'process.env.WS_NO_UTF_8_VALIDATE': '"1"',
};

export async function build({ tests = false } = {}) {
  const { buildValidators } = await import('./build-validators.mjs');
  await buildValidators(at('dist', 'validators'));
  await bundle();
  identify();
  writeDigests();
  await writeCodeCache(root, process.execPath);
  if (tests) await transpile();
  // Otherwise esbuild's own process stays as long as the caller does: `npm start` would keep it beside the daemon.
  await esbuild.stop();
}

/**
 * Packages that the daemon loads late or never: each has its own bundle, so that the file of every start contains only
 * what every start needs.
 */
const LATE_PACKAGES = ['diff', 'fastify', 'fzstd', 'jose', 'pino', 'ws'];
/** The same for sources: `imported` matches the path in imports, `contents` is the bundle's entry. */
/** @type {Record<string, { imported: RegExp, contents: string, plugins?: () => import('esbuild').Plugin[] }>} */
const LATE_SOURCES = {
  /** The generators need the whole schema and TypeBox. */
  generate: {
    imported: /schema\/generate\/(typescript|json-schema)\.js$/,
    contents: "export * from './schema/generate/typescript.js';export * from './schema/generate/json-schema.js';",
  },
  /** `codexd exec`, `codexd threads`, and the client library that they use. */
  exec: {
    imported: /\/(exec|threads)\/index\.js$/,
    contents: "export * from './server/cli/exec/index.js';export * from './server/cli/threads/index.js';",
  },
  /** `codexd chat`, with the client library and the terminal library. */
  chat: {
    imported: /\/chat\/run-chat\.js$/,
    contents: "export * from './server/cli/chat/run-chat.js';",
    plugins: () => [terminalLibrary],
  },
  /** `codexd completion` and `codexd man`. */
  completion: {
    imported: /\/completion\/index\.js$/,
    contents: "export * from './server/cli/completion/index.js';",
  },
  /** `codexd doctor`. */
  doctor: {
    imported: /\/doctor\/index\.js$/,
    contents: "export * from './server/doctor/index.ts';",
    // It starts commands, and the bundle contains everything that they may need.
    plugins: () => [loadLate],
  },
  /** The SDK's part of connections to MCP servers: for servers over HTTP, and logins. */
  mcp: {
    imported: /\/mcp-sdk\.js$/,
    contents: "export * from './server/sessions/mcp/connection/mcp-sdk.ts';",
  },
  /** `codexd mcp-server`, with the SDK's server and the client library. */
  'mcp-server': {
    imported: /\/mcp-server\/index\.js$/,
    contents: "export * from './server/cli/mcp-server/index.js';",
  },
  /** Certificates and HTTP/2: for commands in limited mode only. */
  interception: {
    imported: /\/interception\/index\.js$/,
    contents: "export * from './server/network-approval/interception/index.js';",
  },
};

/** CommonJS files: they load faster than a module graph, and V8 can store their compiled code (see bin/codexd.cjs). */
async function bundle() {
  /** @type {import('esbuild').BuildOptions} */
  const shared = {
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'warning',
    // import() of external files becomes require(): a script that bin/codexd.cjs compiles has no module loader.
    supported: { 'dynamic-import': false },
    define: { 'import.meta.filename': '__filename', ...withoutOptional },
    // Its other form hides its own files from the bundler.
    alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
    // A stack trace shows the source line; a line of minified code would fill the screen.
    lineLimit: 160,
  };
  const coreBanner = { js: `const __bundleId="${NO_ID}";` };
  await bundleDaemon({
    ...shared,
    plugins: [loadLate, nodeOnce, jsonrpcConnection(root)],
    root,
    dist: at('dist'),
    coreBanner,
  });
  const entries = {
    'lane-helper': 'server/network-approval/lanes/lane-helper.ts',
    'transparent-helper': 'server/network-approval/lanes/transparent-helper.ts',
    'sandbox-launcher': 'server/sandbox/windows/run/launcher-main.ts',
    'sandbox-runner': 'server/sandbox/windows/run/runner-main.ts',
    'sandbox-canary': 'server/sandbox/windows/run/canary-main.ts',
    'file-search': 'server/file-search/search-worker.ts',
    demo: 'clients/demo/demo.ts',
  };
  for (const [name, source] of Object.entries(entries)) {
    await esbuild.build({ ...shared, entryPoints: [at(source)], outfile: at('dist', `${name}.cjs`) });
  }
  await buildPatchProgram(shared, at('server/sessions/tools/patch-program/main.ts'), at('dist', 'patch-program'));
  await buildImageDecoder(shared, at('server/images/image-worker.ts'), at('dist', 'images'));
  for (const name of LATE_PACKAGES) {
    await esbuild.build({ ...shared, entryPoints: [name], outfile: at('dist', 'late', `${name}.cjs`) });
  }
  for (const [name, { contents, plugins = () => [] }] of Object.entries(LATE_SOURCES)) {
    const stdin = { contents, resolveDir: root, loader: /** @type {const} */ ('ts') };
    await esbuild.build({ ...shared, plugins: plugins(), stdin, outfile: at('dist', 'late', `${name}.cjs`) });
  }
  const client = { ...shared, minifyWhitespace: false, minifySyntax: false, define: withoutOptional };
  const entry = at('clients/typescript/index.ts');
  await esbuild.build({
    ...client,
    format: 'esm',
    supported: {},
    banner: { js: REQUIRE_IN_ESM },
    entryPoints: [entry],
    outfile: at('dist', 'client.js'),
  });
  await esbuild.build({ ...client, entryPoints: [entry], outfile: at('dist', 'client.cjs') });
  await esbuild.build({
    ...client,
    platform: 'browser',
    target: 'es2022',
    format: 'esm',
    supported: {},
    entryPoints: [at('clients/typescript/browser.ts')],
    outfile: at('dist', 'client.browser.js'),
  });
  await buildConsolePage(root, at('dist', 'console'));
  fs.writeFileSync(at('dist', 'THIRD_PARTY_NOTICES.txt'), notices());
}

/**
 * The require of ws, a CommonJS package inside an ES module. ws only requires Node's builtins, so any path works. In
 * CommonJS output, a bundler leaves import.meta empty.
 */
const REQUIRE_IN_ESM =
  "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url || 'file:///codexd.js');";

/** The licences of all bundled packages, from the packages themselves. */
function notices() {
  const lock = JSON.parse(fs.readFileSync(at('package-lock.json'), 'utf8'));
  const found = new Map();
  /**
   * @param {string} name
   * @param {string} from
   */
  const visit = (name, from) => {
    let place = from;
    for (;;) {
      const folder = `${place ? `${place}/` : ''}node_modules/${name}`;
      if (lock.packages[folder]) {
        if (found.has(folder)) return;
        found.set(folder, name);
        for (const next of Object.keys(lock.packages[folder].dependencies ?? {})) visit(next, folder);
        return;
      }
      if (!place) return;
      place = place.includes('/node_modules/') ? place.slice(0, place.lastIndexOf('/node_modules/')) : '';
    }
  };
  for (const name of BUNDLED) visit(name, '');
  const parts = [...found].sort().map(([folder, name]) => {
    const { version, license } = JSON.parse(fs.readFileSync(at(folder, 'package.json'), 'utf8'));
    const files = fs.readdirSync(at(folder)).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file));
    const texts = files.map((file) => fs.readFileSync(at(folder, file), 'utf8').trim());
    return `${name} ${version} (${license})\n\n${texts.join('\n\n') || 'The package carries no text of its licence.'}\n`;
  });
  return `codexd holds code of these packages.\n\n${parts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}
/** The bundled packages; other devDependencies are tools. */
const BUNDLED = [
  '@earendil-works/pi-tui',
  '@modelcontextprotocol/client',
  '@modelcontextprotocol/server',
  '@peculiar/x509',
  '@pinojs/redact',
  '@preact/signals',
  '@silvia-odwyer/photon-node',
  '@tanstack/virtual-core',
  '@xterm/addon-fit',
  '@xterm/xterm',
  'ajv',
  'ansi_up',
  'diff',
  'dompurify',
  'eventsource-parser',
  'fastify',
  'fzstd',
  'ipaddr.js',
  'jose',
  'markdown-it',
  'pino',
  'preact',
  'safe-stable-stringify',
  'smol-toml',
  'typebox',
  'vscode-jsonrpc',
  'ws',
];

/**
 * Writes the build's id to the bundle and to dist/id. The start-up cache, and a daemon whose package is replaced,
 * compare it.
 */
function identify() {
  for (const name of ['codexd.cjs', 'late/daemon.cjs', 'late/mcp.cjs']) wrap(at('dist', name));
  const hash = createHash('sha256');
  for (const folder of ['.', 'images', 'late', 'patch-program', 'validators'])
    for (const name of fs.readdirSync(at('dist', folder)).sort())
      if (/\.(?:cjs|json)$/.test(name)) hash.update(name).update(fs.readFileSync(at('dist', folder, name)));
  const id = hash.digest('hex');
  const text = fs.readFileSync(at('dist', 'codexd.cjs'), 'latin1');
  fs.writeFileSync(at('dist', 'codexd.cjs'), text.replace(NO_ID, id), 'latin1');
  fs.writeFileSync(at('dist', 'id'), id);
}
const NO_ID = '0'.repeat(64);

/**
 * The digests with which `codexd doctor` compares the files of dist, in the form of sha256sum(1); for the files of the
 * package.
 */
function writeDigests() {
  const names = fs
    .readdirSync(at('dist'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(?:cjs|css|html|js|json|wasm)$|^patch-program[/\\]/.test(name));
  const shipped = names.filter((name) => name !== 'demo.cjs').sort();
  /** @param {string} name */
  const digest = (name) =>
    createHash('sha256')
      .update(fs.readFileSync(at('dist', name)))
      .digest('hex');
  fs.writeFileSync(at('dist', 'files.sha256'), shipped.map((name) => `${digest(name)}  ${name}\n`).join(''));
}

/**
 * Wraps a bundle in the function of a CommonJS module, so that no start has to copy its text. Makes it ASCII, because
 * it is read as Latin-1; esbuild escapes everything except the text of regular expressions.
 * @param {string} file
 */
function wrap(file) {
  const text = fs.readFileSync(file, 'utf8');
  const escaped = text.replace(/[^\x00-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  fs.writeFileSync(file, Module.wrap(escaped));
}

/** Redirects imports of late modules to their own bundles. */
const loadLate = {
  name: 'load-late',
  /** @param {import('esbuild').PluginBuild} build */
  setup(build) {
    const namespace = 'late';
    build.onResolve(
      { filter: new RegExp(`^(${LATE_PACKAGES.join('|')})$`) },
      (/** @type {import('esbuild').OnResolveArgs} */ { path }) => ({ path, namespace }),
    );
    for (const [path, { imported: filter }] of Object.entries(LATE_SOURCES)) {
      build.onResolve({ filter }, () => ({ path, namespace }));
    }
    build.onLoad({ filter: /./, namespace }, (/** @type {import('esbuild').OnLoadArgs} */ { path: name }) => {
      const part = `require('./server/package/package-parts.ts').requirePart('late/${name}.cjs')`;
      const calls = AT_FIRST_CALL[name]?.map(
        (called) => `exports.${called} = (...args) => ${part}.${called}(...args);`,
      );
      return { contents: calls?.join('') ?? `module.exports = ${part};`, resolveDir: root, loader: 'js' };
    });
  },
};
/**
 * Packages of which sources import functions only: they are loaded at the first call.
 *
 * @type {Record<string, string[]>}
 */
const AT_FIRST_CALL = { diff: ['structuredPatch'] };

async function transpile() {
  fs.rmSync(at('build'), { recursive: true, force: true });
  const folders = ['schema', 'server', 'clients', 'test', 'bench'];
  const sources = folders.flatMap((folder) =>
    fs.existsSync(at(folder))
      ? fs
          .readdirSync(at(folder), { recursive: true, encoding: 'utf8' })
          .filter((f) => f.endsWith('.ts'))
          .map((f) => at(folder, f))
      : [],
  );
  await esbuild.build({
    entryPoints: sources,
    outdir: at('build'),
    outbase: root,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  await bundleTap();
}

/**
 * tap in one file, for the tests of build/. Each test file is a Node of its own, and tap is some hundred files, which
 * take most of the time of a short test.
 */
async function bundleTap() {
  const folder = at('build', 'node_modules', 'tap');
  await esbuild.build({
    entryPoints: [fileURLToPath(import.meta.resolve('tap'))],
    outfile: path.join(folder, 'index.js'),
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    banner: {
      js: "import { createRequire as newRequire } from 'node:module'; const require = newRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ type: 'module', exports: './index.js' }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build({ tests: process.argv.includes('--tests') });
