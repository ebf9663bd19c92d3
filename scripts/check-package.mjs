// Packs codexd, installs the tarball in another folder, and uses it like its users: the command, the client, a CommonJS
// bundle.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { root, setup } from './setup.mjs';

await setup({ sandbox: false }); // for esbuild and execa; npm pack builds by itself
const { execaSync } = await import('execa');
const { checkTypes } = await import('./check-package-types.mjs');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'codexd-package-'));
/** @param {...string} parts */
const at = (...parts) => path.join(folder, ...parts);
const INITIALIZE = '{"id":1,"method":"initialize","params":{"clientInfo":{"name":"check","version":"1"}}}\n';
const RUN = `const client = await connectStdio({ command: ${JSON.stringify(at('app', 'node_modules', '.bin', 'codexd'))} });
  const { data } = await client.request('model/list', {});
  if (!Array.isArray(data)) throw new Error('no models');
  await client.close();`;

try {
  const tarball = at(
    run('npm', ['pack', '--silent', '--pack-destination', folder], root).trim().split('\n').at(-1) ?? '',
  );
  for (const name of ['app', 'home']) fs.mkdirSync(at(name));
  fs.writeFileSync(at('app', 'package.json'), '{"private":true}');
  check('it installs', () => run('npm', ['i', '--no-audit', '--no-fund', tarball], at('app')));
  check('it brings two optional packages, for terminals and for transparent lanes, and no other', () => {
    const names = fs.readdirSync(at('app', 'node_modules')).filter((name) => !name.startsWith('.'));
    assert.deepEqual(names.sort(), ['@koromix', '@lydell', 'codexd']);
  });
  check('it installs into a prefix, and runs there', () => {
    run('npm', ['i', '-g', '--prefix', at('prefix'), '--no-audit', '--no-fund', tarball], folder);
    assert.match(run(at('prefix', 'bin', 'codexd'), ['--version']), /^codex-cli .*\(codexd /);
  });
  check('npx runs it', () =>
    assert.match(run('npx', ['--yes', '--package', tarball, 'codexd', '--version'], folder), /^codex-cli /),
  );
  const codexd = at('app', 'node_modules', '.bin', 'codexd');
  check('it answers', () =>
    assert.match(run(codexd, ['app-server'], folder, { input: INITIALIZE }), /"id":1,"result"/),
  );
  const launcher = at('app', 'node_modules', '.bin', 'codexd-launcher');
  check('its launcher starts without node on PATH', () =>
    run(launcher, ['--version'], folder, { env: { PATH: '/nonexistent', CODEXD_NODE: process.execPath } }),
  );
  check('old NODE_OPTIONS do not stop the launcher', () =>
    run(launcher, ['--version'], folder, { env: { NODE_OPTIONS: '--require /gone.js' } }),
  );
  check('its apply_patch runs', () => {
    const program = at('app', 'node_modules', 'codexd', 'dist', 'patch-program', 'apply_patch');
    const patch = '*** Begin Patch\n*** Add File: patched\n+x\n*** End Patch\n';
    run(program, [], folder, { input: patch, env: { CODEXD_NODE: process.execPath } });
    assert.equal(fs.readFileSync(at('patched'), 'utf8'), 'x\n');
  });
  check('it holds notices and no cache of this Node', () => {
    const names = fs.readdirSync(at('app', 'node_modules', 'codexd', 'dist'));
    assert.ok(names.includes('THIRD_PARTY_NOTICES.txt') && !names.some((name) => name.endsWith('.cache')));
  });
  check('a package without dist says so', () => {
    const dist = at('prefix', 'lib', 'node_modules', 'codexd', 'dist');
    fs.renameSync(dist, `${dist}.away`);
    assert.throws(() => run(at('prefix', 'bin', 'codexd'), ['--version']), /made without dist/);
  });
  fs.writeFileSync(at('app', 'esm.mjs'), `import { connectStdio } from 'codexd/client';\n${RUN}`);
  fs.writeFileSync(
    at('app', 'cjs.cjs'),
    `const { connectStdio } = require('codexd/client');\n(async () => {${RUN}})();`,
  );
  check('the client runs as an ES module', () => run(process.execPath, ['esm.mjs'], at('app')));
  check('the client runs as CommonJS', () => run(process.execPath, ['cjs.cjs'], at('app')));
  checkTypes(at('app'), check);
  const { build } = await import('esbuild');
  const entry = `import { connectStdio } from 'codexd/client';\n(async () => {${RUN}})();`;
  /** @type {import('esbuild').BuildOptions} */
  const bundle = { stdin: { contents: entry, resolveDir: at('app') }, bundle: true, logLevel: 'error' };
  await build({ ...bundle, platform: 'node', format: 'cjs', outfile: at('app', 'bundle.cjs'), logLevel: 'silent' });
  check('a CommonJS bundle of it runs', () => run(process.execPath, ['bundle.cjs'], at('app')));
  const page = `import { connectWebSocket } from 'codexd/client';\nconsole.log(connectWebSocket);`;
  await build({
    ...bundle,
    stdin: { resolveDir: at('app'), contents: page },
    platform: 'browser',
    outfile: at('app', 'page.js'),
  });
  check('a bundle for browsers needs no module of Node', () =>
    assert.doesNotMatch(fs.readFileSync(at('app', 'page.js'), 'utf8'), /require\(|node:/),
  );
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}

/**
 * @param {string} what
 * @param {() => unknown} work
 */
function check(what, work) {
  work();
  console.log(`ok: ${what}`);
}

/**
 * Returns the output. Throws Error with the error output if the command fails.
 * @param {string} command
 * @param {string[]} args
 */
function run(command, args, cwd = folder, { input = '', env = {} } = {}) {
  const home = { HOME: folder, CODEX_HOME: at('home') };
  const known = command === 'npm' || command === 'npx' ? {} : home;
  return execaSync(command, args, { cwd, input, env: { ...known, ...env }, timeout: 300_000 }).stdout;
}
