// The text of docs/methods.md: the file of each method's code, read from the sources.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as prettier from 'prettier';
import ts from 'typescript';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const TABLE = 'server/app/method-families.ts';
const NOT_OFFERED = 'server/app/not-offered.ts';

/** The headings of the page, by the parts of the table. */
const TITLES = new Map([
  ['config', 'Configuration'],
  ['commandExec', 'Commands of clients'],
  ['process', 'Processes of clients'],
  ['networkDecisions', 'Decisions about the network'],
  ['threads', 'Threads and turns'],
  ['files', 'Files of clients'],
  ['fileSearch', 'Search for files'],
  ['policyTest', 'What the network policy would decide'],
  ['console', 'The console'],
  ['operator', 'Operators'],
  ['diagnostics', 'The process'],
  ['git', 'Work in repositories'],
  ['services', 'Accounts, models, skills, and what can be plugged in'],
]);

/** @returns {Promise<string>} */
export async function methodsPage() {
  const code = handlerFiles();
  const shapes = new Map([
    ...shapeFiles('schema/client-requests.ts', 'clientRequests'),
    ...shapeFiles('schema/extension-requests.ts', 'extensionRequests'),
  ]);
  const parts = membersOf(declared(source(TABLE), 'METHOD_PARTS')).map(([part, made]) => {
    const names = namesIn(callOf(made).arguments[0]);
    const rows = names.map((name) => `| \`${name}\` | \`${known(code, name)}\` | \`${known(shapes, name)}\` |`);
    return [`## ${known(TITLES, part)}\n`, '| method | code | params and result |', '| - | - | - |', ...rows].join(
      '\n',
    );
  });
  const notOffered = namesIn(declared(source(NOT_OFFERED), 'NOT_OFFERED')).map((name) => `- \`${name}\``);
  const text = `# Methods

<!-- Written by scripts/generate-methods.mjs from ${TABLE} and the files that it names. -->

Which file has the code of a method of the protocol, and which one the shapes of its params and its result. The router itself answers
\`initialize\` (\`server/rpc/connection/router.ts\`). What methods do is in [protocol/](protocol/README.md).

${parts.join('\n\n')}

## Known, and not offered

These methods are answered with -32601 and \`<method> is not supported by codexd yet\` (\`${NOT_OFFERED}\`):

${notOffered.join('\n')}
`;
  const options = await prettier.resolveConfig(path.join(root, 'docs', 'methods.md'));
  return prettier.format(text, { parser: 'markdown', ...options });
}

/** The file of a handler by method: the family's file, or the file from which the family imports the handler. */
function handlerFiles() {
  /** @type {Map<string, string>} */
  const files = new Map();
  for (const name of fs.readdirSync(path.join(root, 'server'), { recursive: true, encoding: 'utf8' })) {
    const file = path.posix.join('server', name.split(path.sep).join('/'));
    if (!file.endsWith('.ts') || !fs.readFileSync(path.join(root, file), 'utf8').includes('defineMethods(')) continue;
    const tree = source(file);
    const imports = importsOf(tree, file);
    for (const family of callsOf(tree, 'defineMethods')) {
      for (const [method, handler] of membersOf(answered(family.arguments[0]))) {
        files.set(method, imports.get(called(handler) ?? '') ?? file);
      }
    }
  }
  return files;
}

/**
 * The file of a method's params and result in schema/, by method.
 * @param {string} file
 * @param {string} name
 */
function shapeFiles(file, name) {
  const tree = source(file);
  const imports = importsOf(tree, file);
  return membersOf(declared(tree, name)).map(([method, made]) => {
    const shape = callOf(made)
      .arguments.slice(1)
      .find((arg) => arg.kind !== ts.SyntaxKind.NullKeyword);
    const [module = ''] = shape?.getText().split('.') ?? [];
    return /** @type {const} */ ([method, known(imports, module)]);
  });
}

/** @param {string} file */
const source = (file) =>
  ts.createSourceFile(file, fs.readFileSync(path.join(root, file), 'utf8'), ts.ScriptTarget.Latest, true);

/**
 * The initial value of a constant of the file.
 * @param {ts.SourceFile} tree @param {string} name
 */
function declared(tree, name) {
  const constants = tree.statements
    .filter(ts.isVariableStatement)
    .flatMap(({ declarationList }) => [...declarationList.declarations]);
  const found = constants.find((constant) => constant.name.getText() === name)?.initializer;
  if (found === undefined) throw new Error(`${tree.fileName} has no ${name}`);
  return bare(found);
}

/**
 * Without `as const`, `satisfies` and parentheses.
 * @param {ts.Expression} node @returns {ts.Expression}
 */
function bare(node) {
  const covered = ts.isAsExpression(node) || ts.isSatisfiesExpression(node) || ts.isParenthesizedExpression(node);
  return covered ? bare(node.expression) : node;
}

/** @param {ts.Expression} object @returns {(readonly [string, ts.Expression])[]} */
function membersOf(object) {
  if (!ts.isObjectLiteralExpression(object)) throw new Error(`not an object: ${object.getText()}`);
  return object.properties.map((member) => {
    if (!ts.isPropertyAssignment(member)) throw new Error(`not a plain member: ${member.getText()}`);
    return /** @type {const} */ ([/** @type {ts.StringLiteral} */ (member.name).text, member.initializer]);
  });
}

/** @param {ts.Expression} node */
function callOf(node) {
  if (!ts.isCallExpression(node)) throw new Error(`not a call: ${node.getText()}`);
  return node;
}

/**
 * The texts in a node, in their order.
 * @param {ts.Node} node @returns {string[]}
 */
function namesIn(node) {
  if (ts.isStringLiteral(node)) return [node.text];
  return node.getChildren().flatMap(namesIn);
}

/**
 * The object that a function returns.
 * @param {ts.Expression} make
 */
function answered(make) {
  if (!ts.isArrowFunction(make)) throw new Error(`not an arrow function: ${make.getText()}`);
  const { body } = make;
  const result = ts.isBlock(body) ? body.statements.find(ts.isReturnStatement)?.expression : body;
  if (result === undefined) throw new Error(`it answers nothing: ${make.getText()}`);
  return bare(result);
}

/**
 * The function that makes a handler, or the only function that a handler calls; undefined: the code is in this file.
 * @param {ts.Expression} handler
 */
function called(handler) {
  const work = ts.isArrowFunction(handler) ? handler.body : handler;
  if (!ts.isCallExpression(work) || work.arguments.some(ts.isArrowFunction)) return undefined;
  return work.expression.getText();
}

/** @param {ts.SourceFile} tree @param {string} name */
function callsOf(tree, name) {
  /** @type {ts.CallExpression[]} */
  const found = [];
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (ts.isCallExpression(node) && node.expression.getText() === name) found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

/**
 * The source file from which a name is imported, by name.
 * @param {ts.SourceFile} tree
 * @param {string} file
 */
function importsOf(tree, file) {
  /** @type {Map<string, string>} */
  const imports = new Map();
  for (const { importClause, moduleSpecifier } of tree.statements.filter(ts.isImportDeclaration)) {
    const bindings = importClause?.namedBindings;
    const { text: to } = /** @type {ts.StringLiteral} */ (moduleSpecifier);
    if (bindings === undefined || !to.startsWith('.')) continue;
    const from = path.posix.join(path.posix.dirname(file), to).replace(/\.js$/, '.ts');
    const names = ts.isNamespaceImport(bindings) ? [bindings.name] : bindings.elements.map(({ name }) => name);
    for (const { text } of names) imports.set(text, from);
  }
  return imports;
}

/** @param {ReadonlyMap<string, string>} map @param {string} key */
function known(map, key) {
  const value = map.get(key);
  if (value === undefined) throw new Error(`${key} is not found in the sources`);
  return value;
}
