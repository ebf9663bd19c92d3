/** Holds the rules of scripts/lint/forbidden.mjs against code that they refuse, and code that only looks alike. */
import path from 'node:path';
import { Linter, type Rule } from 'eslint';
import t from 'tap';

const { FORBIDDEN, forbiddenRules } = (await import(path.resolve('scripts/lint/forbidden.mjs'))) as {
  readonly FORBIDDEN: Readonly<Record<string, { readonly selectors: readonly string[]; readonly message: string }>>;
  readonly forbiddenRules: Record<string, Rule.RuleModule>;
};

/** For each rule a piece of code for every form that it refuses, in the order of its selectors. */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  'starts-programs': ["await import('node:child_process')"],
  'starts-without-execa': ["await import('child_process')"],
  'config-as-json': ['JSON.stringify({ value: toJson(value) })'],
  'reads-sentences': [
    "error.message.includes('x')",
    "message.startsWith('x')",
    '/x/.test(error.message)',
    '/x/.exec(stack)',
    "error.message === 'x'",
    "error.name !== 'TypeError'",
  ],
  'error-classes': ['class Own extends RangeError {}'],
  'plain-errors': ["throw new Error('it failed')"],
  'thrown-as-text': ['`it failed: ${error}`'],
  'listing-with-kinds': ['fs.readdirSync(folder, { withFileTypes: true })'],
  'throwing-stat': ['fs.statSync(file, { throwIfNoEntry: false })'],
  'temporary-names': ['tmpdir', 'mkdtemp', 'mkdtempSync', 'mkdtempDisposable', 'mkdtempDisposableSync'].flatMap(
    (name) => [`import { ${name} } from 'node:fs'`, `const { ${name} } = fs.promises`, `fs.${name}('x')`],
  ),
  'files-by-path': [
    'fs.readFileSync(file)',
    'fs.promises.rm(file)',
    'fs[name](file)',
    'const files = fs',
    "import { open } from 'node:fs/promises'",
    "import files from 'node:fs'",
    "import * as fs from 'fs'",
    "await import('node:fs')",
  ],
  'hidden-state': ['new WeakMap()'],
  'hidden-object': ['Object.create(thread)'],
  'private-files': ['fs.mkdirSync(folder, { mode: 0o700 })'],
  'path-texts': [
    'place.startsWith(`${root}/`)',
    "written.startsWith('~/')",
    "place.split('/')",
    "folder === '/'",
    "file.lastIndexOf('/')",
  ],
  sleeps: [
    'new Promise((resolve) => setTimeout(resolve, 100))',
    'new Promise((resolve) => { setTimeout(resolve, 100); })',
  ],
  'waiting-loops': ['while (!done) await elapse(10, why)'],
};

/** Code that looks alike, and is right. */
const FREE: Readonly<Record<string, readonly string[]>> = {
  'starts-programs': ["await import('node:net')"],
  'starts-without-execa': ["await import('execa')"],
  'config-as-json': ['JSON.stringify(value)'],
  'reads-sentences': ["error.code === 'ENOENT'", "text.includes('x')", "error.name === 'AbortSignal'"],
  'error-classes': ['class Own extends CodexdError {}'],
  'path-texts': ["text.startsWith('a')", 'text.startsWith(`${a}:`)', 'place.split(path.sep)', "word === '.'"],
  'private-files': ['fs.mkdirSync(folder, { mode: 0o755 })', "const text = '0o600'"],
  'plain-errors': ["throw new CodexdError('machine.os', 'it failed')", "throw fault('it failed')"],
  'thrown-as-text': ['`it failed: ${messageOf(error)}`'],
  'files-by-path': ['fs.statSync(file)', 'fs.readSync(descriptor, bytes)', "import fs from 'node:fs'"],
  'hidden-state': ['new Map()'],
  'hidden-object': ['Object.create(null)'],
  sleeps: ['setTimeout(stop, 100)'],
  'waiting-loops': ['await elapse(10, why)'],
};

const linter = new Linter();
const refusals = (rule: string, code: string): string[] =>
  linter
    .verify(code, [{ plugins: { codexd: { rules: forbiddenRules } }, rules: { [`codexd/${rule}`]: 'error' } }])
    .map(({ message }) => message);

t.test('every form that a rule names is refused, with the way out', async (t) => {
  t.same(Object.keys(REFUSED).sort(), Object.keys(FORBIDDEN).sort());
  for (const [rule, { selectors, message }] of Object.entries(FORBIDDEN)) {
    const codes = REFUSED[rule] ?? [];
    t.equal(codes.length, selectors.length, `${rule} has a piece of code for each form`);
    for (const code of codes) t.ok(refusals(rule, code).includes(message), `${rule}: ${code}`);
  }
});

t.test('what only looks alike is free', async (t) => {
  for (const [rule, codes] of Object.entries(FREE))
    for (const code of codes) t.same(refusals(rule, code), [], `${rule}: ${code}`);
});
