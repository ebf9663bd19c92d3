// The terminal library of `codexd chat` for the bundle (docs/decisions/terminal-library.md).
import fs from 'node:fs';

/**
 * The library looks for a native package, koffi, next to itself, for Shift-Tab on Windows. codexd does not ship it, and
 * another program could put its own file at that place. It also writes logs of what is drawn where its variables of the
 * environment say. Both are removed.
 *
 * @type {import('esbuild').Plugin}
 */
export const terminalLibrary = {
  name: 'terminal-library',
  setup(build) {
    build.onLoad({ filter: /pi-tui[/\\]dist[/\\](?:terminal|tui)\.js$/ }, async ({ path }) => {
      const text = await fs.promises.readFile(path, 'utf8');
      const contents = replaced(text, path.endsWith('terminal.js') ? TERMINAL : SCREEN);
      return { contents, loader: 'js' };
    });
  },
};

/** @type {readonly (readonly [from: string, to: string])[]} */
const TERMINAL = [
  [
    'const cjsRequire = createRequire(import.meta.url);',
    "const cjsRequire = () => { throw new Error('not shipped'); };",
  ],
  ['process.env.PI_TUI_WRITE_LOG', "''"],
];
/** @type {readonly (readonly [from: string, to: string])[]} */
const SCREEN = [
  ['process.env.PI_DEBUG_REDRAW', "''"],
  ['process.env.PI_TUI_DEBUG', "''"],
  ['fs.writeFileSync(crashLogPath, crashData);', ''],
  ['fs.mkdirSync(path.dirname(crashLogPath), { recursive: true });', ''],
];

/**
 * Throws Error when a new version of the library has another text.
 * @param {string} text
 * @param {readonly (readonly [from: string, to: string])[]} pairs
 */
function replaced(text, pairs) {
  let result = text;
  for (const [from, to] of pairs) {
    if (!result.includes(from)) throw new Error(`the terminal library has changed: there is no ${from}`);
    result = result.replaceAll(from, to);
  }
  return result;
}
