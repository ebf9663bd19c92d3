/**
 * The forms of code that this repository forbids, as rules of eslint. A rule has a name, selectors (esquery) and a
 * message that names the way out. The table in eslint.config.js says where a rule holds;
 * test/architecture/forbidden.test.ts has a piece of code for each selector.
 */

/** @typedef {{ readonly selectors: readonly string[], readonly message: string }} Forbidden */

/** Texts are for people: a program decides by an error's class, its code or its members. */
const READS_TEXT = '/^(includes|startsWith|endsWith|match|matchAll|search|indexOf)$/';
const TEXT = '/^(message|summary|stack)$/';

/**
 * Functions that read, write or change a file by its path. Functions on a descriptor, and those that only look, are
 * allowed.
 */
const BY_PATH =
  '/^(readFile|open|openAsBlob|createReadStream|createWriteStream|writeFile|appendFile|truncate|copyFile|cp|chmod|lchmod|chown|lchown|utimes|lutimes|link|symlink|rename|rm|rmdir|unlink|mkdir|mkdtemp)(Sync)?$/';
const FS = '/^(node:)?fs(.promises)?$/';

const TEMPORARY_NAMES = ['tmpdir', 'mkdtemp', 'mkdtempSync', 'mkdtempDisposable', 'mkdtempDisposableSync'];

/** Tests wait for an event, not for a time that is long enough on most machines. */
export const SLEEPS =
  'Wait with until or settled (test/fixtures/until.ts); where only time can pass, elapse has its reason.';

export const WITH_EXECA =
  'Programs are started with execa; tests have startChild and runToEnd (test/fixtures/programs.ts).';

/** @type {Readonly<Record<string, Forbidden>>} */
export const FORBIDDEN = {
  'starts-programs': {
    selectors: ['ImportExpression[source.value=/^(node:)?(child_process|cluster)$/]'],
    message: 'Programs are started by server/system/programs/start-program.ts and server/exec/process/child.ts.',
  },
  'starts-without-execa': {
    selectors: ['ImportExpression[source.value=/^(node:)?child_process$/]'],
    message: WITH_EXECA,
  },
  'config-as-json': {
    // Values of the configuration may be integers of 64 bits, which JSON.stringify refuses.
    selectors: [
      `CallExpression[callee.object.name='JSON'][callee.property.name='stringify'] CallExpression[callee.name='toJson']`,
    ],
    message:
      'Values of the configuration are written by jsonText (server/system/node/json-text.ts), which keeps 64-bit integers.',
  },
  'reads-sentences': {
    // Where a text is another program's or a library's, the line that reads it gives the reason.
    selectors: [
      `CallExpression[callee.property.name=${READS_TEXT}][callee.object.property.name=${TEXT}]`,
      `CallExpression[callee.property.name=${READS_TEXT}][callee.object.name=${TEXT}]`,
      `CallExpression[callee.property.name=/^(test|exec)$/][arguments.0.property.name=${TEXT}]`,
      `CallExpression[callee.property.name=/^(test|exec)$/][arguments.0.name=${TEXT}]`,
      `BinaryExpression[operator=/^[!=]==?$/][left.property.name='message']`,
      `BinaryExpression[operator=/^[!=]==?$/][left.property.name='name'][right.value=/Error$/]`,
    ],
    message: 'Texts of errors are for people: decide by the code (server/errors/codes.ts) or by members of the error.',
  },
  'error-classes': {
    selectors: [':matches(ClassDeclaration, ClassExpression)[superClass.name=/^(Error|TypeError|RangeError)$/]'],
    message: 'An error has a code of the table: extend CodexdError (server/errors/codexd-error.ts), or make one.',
  },
  'plain-errors': {
    selectors: ["ThrowStatement > NewExpression[callee.name='Error']"],
    message:
      'Throw a CodexdError with a code of the table (server/errors/codes.ts), or fault (server/errors/fault.ts) for what the code excludes.',
  },
  'thrown-as-text': {
    selectors: [
      ":matches(TemplateLiteral > Identifier[name='error'], CallExpression[callee.name='String'][arguments.0.name='error'])",
    ],
    message:
      'Of what is thrown, messageOf (server/errors/message-of.ts) has the words, and describe the line of the log.',
  },
  'listing-with-kinds': {
    // If a file system reports no kinds, Node stats each entry, and throws for an entry that was removed meanwhile.
    selectors: ['Property[key.name="withFileTypes"]'],
    message: 'A name that vanishes makes this throw: list with listFolder (server/system/files/path-bytes.ts).',
  },
  'throwing-stat': {
    selectors: ['CallExpression[callee.property.name="statSync"] Property[key.name="throwIfNoEntry"]'],
    message:
      'It still throws for folders that are closed, for loops and for long names: server/system/files/look.ts has statIfThere and isFolder.',
  },
  'temporary-names': {
    selectors: [
      ...TEMPORARY_NAMES.flatMap((name) => [
        `ImportSpecifier[imported.name='${name}']`,
        `VariableDeclarator > ObjectPattern > Property[key.name='${name}']`,
        `MemberExpression[property.name='${name}']`,
      ]),
    ],
    message: 'Commands see that place: server/system/files/scratch.ts says where to go.',
  },
  'files-by-path': {
    // Files of a model, a repository or a command line are opened once, and used by descriptor.
    selectors: [
      `MemberExpression[object.name=/^(fs|promises)$/][property.name=${BY_PATH}]`,
      `MemberExpression[object.property.name='promises'][property.name=${BY_PATH}]`,
      `MemberExpression[object.name='fs'][computed=true]`,
      // These rules would not match under another name.
      `VariableDeclarator[init.name='fs']`,
      `ImportDeclaration[source.value=${FS}] > ImportSpecifier[imported.name=${BY_PATH}]`,
      `ImportDeclaration[source.value=${FS}] > ImportDefaultSpecifier[local.name!='fs']`,
      `ImportDeclaration[source.value=${FS}] > ImportNamespaceSpecifier`,
      `ImportExpression[source.value=${FS}]`,
    ],
    message:
      'What a model, a repository or a command line names is opened once, by server/system (open-file, open-folder, output-file), and used by its descriptor. For files of the daemon itself see OWN_FILES in eslint.config.js.',
  },
  'hidden-state': {
    // The state of a thread or a turn is a member of its runtime (server/sessions/runtime), which lists and closes it.
    selectors: ['NewExpression[callee.name=/^Weak(Map|Set)$/]'],
    message:
      'What is kept under an object as a key is seen and closed by nobody: make it a member of the runtime of the thread or the turn (server/sessions/runtime).',
  },
  'hidden-object': {
    selectors: ["CallExpression[callee.object.name='Object'][callee.property.name='create'][arguments.0.raw!='null']"],
    message:
      'An object that hides another one behind itself is checked by no type: write its members down (server/sessions/turn/review-runtime.ts).',
  },
  'private-files': {
    // Windows has no modes: a mode alone makes a file that other users can read.
    selectors: ['Literal[raw=/^0o[67]00$/]'],
    message:
      'What is for this user alone is made by server/system/files/private-files.ts (makeFolderForUser, openForUser, writeNewForUser) or replace-file.ts.',
  },
  'path-texts': {
    // Windows has `\\`, drives, no case, and no folder `/` in which a climb ends.
    selectors: [
      "CallExpression[callee.property.name='startsWith'] > TemplateLiteral.arguments > TemplateElement:last-child[value.raw='/']",
      'CallExpression[callee.property.name=/^(startsWith|endsWith)$/][arguments.0.value=/^(~?.|[~.]{1,2}.)$/][arguments.0.value=/[/]$/]',
      "CallExpression[callee.property.name='split'][arguments.0.value='/']",
      "BinaryExpression[operator=/^[!=]==$/][right.value='/']",
      "CallExpression[callee.property.name='lastIndexOf'][arguments.0.value='/']",
    ],
    message:
      'A local path is asked by paths (server/system/files/paths.ts): isWithin, covers, parts, above, isRoot, inHome. A text that is no local path says so in a comment that switches this rule off.',
  },
  sleeps: {
    selectors: [
      "NewExpression[callee.name='Promise'] > ArrowFunctionExpression > CallExpression[callee.name='setTimeout']",
      "NewExpression[callee.name='Promise'] > ArrowFunctionExpression > BlockStatement[body.length=1] > ExpressionStatement > CallExpression[callee.name='setTimeout']",
    ],
    message: SLEEPS,
  },
  'waiting-loops': {
    selectors: [
      ":matches(WhileStatement, DoWhileStatement, ForStatement) > ExpressionStatement > AwaitExpression > CallExpression[callee.name='elapse']",
    ],
    message: 'A loop that does nothing but wait is until (test/fixtures/until.ts).',
  },
};

/** @type {Record<string, import('eslint').Rule.RuleModule>} */
export const forbiddenRules = Object.fromEntries(
  Object.entries(FORBIDDEN).map(([name, { selectors, message }]) => [
    name,
    {
      meta: { type: 'problem', schema: [], messages: { forbidden: message } },
      create: (context) =>
        Object.fromEntries(
          selectors.map((selector) => [
            selector,
            (/** @type {import('estree').Node} */ node) => context.report({ node, messageId: 'forbidden' }),
          ]),
        ),
    },
  ]),
);
