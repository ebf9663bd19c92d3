/** Holds the table of errors against its page, and against the errors that are made. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import ts from 'typescript';
import { CODES, type ErrorRow } from '../../server/errors/codes.js';

const { errorsPage, CLIENT_KINDS } = (await import(path.resolve('scripts/errors-page.mjs'))) as {
  errorsPage(codes: Readonly<Record<string, ErrorRow>>): Promise<string>;
  readonly CLIENT_KINDS: Readonly<Record<string, readonly string[]>>;
};

/** Names of what makes errors: a constructor, or a function with a code as its first argument. */
const MAKERS = new Set(['CodexdError', 'RpcError', 'storeError', 'super']);

/** The codes that a text makes errors of, wherever in their first argument they stand. */
function madeIn(name: string, text: string): string[] {
  const found: string[] = [];
  const literals = (node: ts.Node): void => {
    if (ts.isStringLiteral(node)) found.push(node.text);
    ts.forEachChild(node, literals);
  };
  const visit = (node: ts.Node): void => {
    const called =
      ts.isNewExpression(node) || ts.isCallExpression(node) ? node.expression.getText().split('.').at(-1) : undefined;
    if (called !== undefined && MAKERS.has(called)) {
      const [first] = (node as ts.NewExpression | ts.CallExpression).arguments ?? [];
      if (first !== undefined) literals(first);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true));
  return found;
}

void t.test('the committed page equals the generated page (node scripts/generate-errors.mjs)', async (t) => {
  const committed = fs.readFileSync(path.resolve('docs/errors.md'), 'utf8');
  t.equal(await errorsPage(CODES), committed);
  for (const code of Object.keys(CODES)) t.ok(committed.includes(`| \`${code}\``), code);
});

void t.test('every code of the table is used in the sources', async (t) => {
  const sources = fs
    .readdirSync('server', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => path.join('server', name));
  const made = new Set(sources.flatMap((file) => madeIn(file, fs.readFileSync(file, 'utf8'))));
  // What has no code of its own is not made: describe.ts calls it so.
  t.same(
    Object.keys(CODES).filter((code) => !made.has(code) && code !== 'unexpected'),
    [],
  );
  t.same(madeIn('x.ts', "isCode(e, 'a.b'); throw new CodexdError(own ? 'c.d' : 'e.f', 'g.h')"), ['c.d', 'e.f']);
});

void t.test('every row has the event and the remedy', async (t) => {
  for (const [code, { title, remedy }] of Object.entries<ErrorRow>(CODES)) {
    t.notMatch(title, /\.$|\|/, `${code}: a clause, in one cell`);
    t.match(remedy, /^[^|]+\.$/, `${code}: a sentence, in one cell`);
  }
});

void t.test('the page has the kinds of the client library', async (t) => {
  const source = fs.readFileSync(path.resolve('clients/typescript/errors.ts'), 'utf8');
  const classes = [...source.matchAll(/class (\w+) extends ClientError \{\s+readonly kind = '(\w+)'/g)];
  t.ok(classes.length > 0);
  t.same(
    Object.entries(CLIENT_KINDS).map(([kind, [name]]) => [kind, name]),
    classes.map(([, name, kind]) => [kind, name]),
  );
});
