// Type-checks strict programs that have none, or some, of codexd's compiler options and packages.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { execaSync } from 'execa';
import { root } from './setup.mjs';

const ESM = `import { connectStdio, connectWebSocket, runCommand, ServerError } from 'codexd/client';`;
const REQUIRED = `import codexd = require('codexd/client');
const { connectStdio, connectWebSocket, runCommand } = codexd;
import ServerError = codexd.ServerError;`;
const PAGE = `import { connectWebSocket } from 'codexd/client/browser';
const client = await connectWebSocket(new URL('ws://h'));
await client.request('model/list', {});
export {};
`;

/** @typedef {Record<string, string | boolean | string[]>} CompilerOptions */

const nodeNext = { module: 'NodeNext' };
/** The description, its file, how it imports the client, and its options besides the strict ones. */
/** @type {[string, string, string, CompilerOptions][]} */
const KINDS = [
  ['ESM, NodeNext', 'nodenext.mts', ESM, nodeNext],
  ['ESM, Bundler', 'bundler.ts', ESM, { module: 'ESNext', moduleResolution: 'Bundler' }],
  ['CommonJS, node16', 'node16.cts', REQUIRED, { module: 'node16' }],
  ['CommonJS, node10', 'node10.ts', ESM, { module: 'CommonJS', moduleResolution: 'node10' }],
  ['ES2020 and nothing of a platform', 'old.mts', ESM, { ...nodeNext, target: 'ES2020', lib: ['ES2020'] }],
];

/**
 * `app`: a folder in which codexd is installed. `check(what, work)` reports whether work threw.
 * @param {string} app
 * @param {(what: string, work: () => void) => void} check
 */
export function checkTypes(app, check) {
  const rest = fs.readFileSync(path.join(root, 'scripts', 'check-package-consumer.ts'), 'utf8');
  /**
   * @param {string} file
   * @param {string} text
   * @param {CompilerOptions} options
   */
  const compile = (file, text, options) => {
    fs.writeFileSync(path.join(app, file), text);
    tsc(app, file, options);
  };
  for (const [what, file, way, options] of KINDS) {
    const text = `${way}\nimport type { ClientState } from 'codexd/client';\n${rest}`;
    check(`its types serve ${what}`, () => compile(file, text, options));
    if (options.lib === undefined)
      check(`its types serve ${what}, with Node's`, () =>
        compile(file, `${text}\nexport const env: NodeJS.ProcessEnv = {};\n`, {
          ...options,
          types: ['node'],
          typeRoots: [path.join(root, 'node_modules', '@types')],
          skipLibCheck: true, // node's own declarations need newer libraries than some of these targets have
        }),
      );
  }
  check('its types serve a page', () => compile('page.mts', PAGE, nodeNext));
  check('its types find a mistake', () =>
    assert.throws(
      () => compile('wrong.mts', PAGE.replace("'model/list', {}", "'model/list', { limit: 'all' }"), nodeNext),
      /TS2322/,
    ),
  );
}

/**
 * Throws Error with the compiler's output. Declarations are checked, too.
 * @param {string} app
 * @param {string} file
 * @param {CompilerOptions} options
 */
function tsc(app, file, options) {
  const config = {
    compilerOptions: {
      target: 'ES2022',
      types: [],
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      noPropertyAccessFromIndexSignature: true,
      noEmit: true,
      ...options,
    },
    files: [file],
  };
  fs.writeFileSync(path.join(app, 'tsconfig.json'), JSON.stringify(config));
  const compiler = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { failed, stdout, stderr } = execaSync(process.execPath, [compiler, '-p', 'tsconfig.json'], {
    cwd: app,
    reject: false,
  });
  if (failed) throw new Error(`tsc of ${file} with ${JSON.stringify(options)}: ${stdout}${stderr}`);
}
