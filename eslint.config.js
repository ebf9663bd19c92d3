import tseslint from 'typescript-eslint';
import { directionRule } from './scripts/lint/direction.mjs';

const startsPrograms = {
  selector: 'ImportExpression[source.value=/^(node:)?(child_process|cluster)$/]',
  message: 'Programs are started by server/system/programs/start-program.ts and server/exec/process/child.ts.',
};

/**
 * If a file system does not report kinds, Node stats each entry, and throws for an entry that was removed meanwhile.
 */
const listsWithKinds = {
  selector: 'Property[key.name="withFileTypes"]',
  message: 'A name that vanishes makes this throw: list with listFolder (server/system/files/path-bytes.ts).',
};
const throwingStat = {
  selector: 'CallExpression[callee.property.name="statSync"] Property[key.name="throwIfNoEntry"]',
  message:
    'It still throws for folders that are closed, for loops and for long names: server/system/files/look.ts has statIfThere and isFolder.',
};

/**
 * Functions that read, write or change a file by its path. Functions on a descriptor, and those that only look, are
 * allowed.
 */
const BY_PATH =
  '/^(readFile|open|openAsBlob|createReadStream|createWriteStream|writeFile|appendFile|truncate|copyFile|cp|chmod|lchmod|chown|lchown|utimes|lutimes|link|symlink|rename|rm|rmdir|unlink|mkdir|mkdtemp)(Sync)?$/';
const FS = '/^(node:)?fs(.promises)?$/';
/** Files of a model, a repository or a command line are opened once, and used by descriptor. */
const noFilesByPath = [
  `MemberExpression[object.name=/^(fs|promises)$/][property.name=${BY_PATH}]`,
  `MemberExpression[object.property.name='promises'][property.name=${BY_PATH}]`,
  `MemberExpression[object.name='fs'][computed=true]`,
  // These rules would not match under another name.
  `VariableDeclarator[init.name='fs']`,
  `ImportDeclaration[source.value=${FS}] > ImportSpecifier[imported.name=${BY_PATH}]`,
  `ImportDeclaration[source.value=${FS}] > ImportDefaultSpecifier[local.name!='fs']`,
  `ImportDeclaration[source.value=${FS}] > ImportNamespaceSpecifier`,
  `ImportExpression[source.value=${FS}]`,
].map((selector) => ({
  selector,
  message:
    'What a model, a repository or a command line names is opened once, by server/system (open-file, open-folder, output-file), and used by its descriptor. For files of the daemon itself see OWN_FILES in eslint.config.js.',
}));

/** Files that may work by path, each with the reason why no command can change these paths. */
const OWN_FILES = [
  // Sessions, their index and their names are in the Codex home, which commands cannot see.
  'server/sessions/store/**',
  'server/sessions/catalog/**',
  // The installation's id and the login are in the Codex home, too.
  'server/sessions/create-turns.ts',
  'server/sessions/model/endpoint/endpoint-request.ts',
  'server/services/account/stored-login.ts',
  // Not part of the daemon: a program in the command's own sandbox, where the kernel refuses.
  'server/sessions/tools/patch-program/**',
  // Descriptors of the person's own shell (/dev/stdin, /dev/fd/3).
  'server/cli/options/named-file.ts',
  // Creates folders before any command runs; in them schema/generate/files.ts follows no link.
  'server/cli/run/generate.ts',
];
const TEMPORARY = 'Commands see that place: server/system/files/scratch.ts says where to go.';
const temporaryNames = ['tmpdir', 'mkdtemp', 'mkdtempSync', 'mkdtempDisposable', 'mkdtempDisposableSync'].map(
  (name) => ({
    selector: `:matches(ImportSpecifier[imported.name='${name}'], VariableDeclarator[init.name=/^(os|fs)/] > ObjectPattern > Property[key.name='${name}'])`,
    message: TEMPORARY,
  }),
);

/** Values of the configuration may be integers of 64 bits, which JSON.stringify refuses. */
const configAsJson = {
  selector: `CallExpression[callee.object.name='JSON'][callee.property.name='stringify'] CallExpression[callee.name='toJson']`,
  message:
    'Values of the configuration are written by jsonText (server/system/node/json-text.ts), which keeps 64-bit integers.',
};

/** The state of a thread or a turn is a member of its runtime (server/sessions/runtime), which lists and closes it. */
const hiddenState = [
  {
    selector: 'NewExpression[callee.name=/^Weak(Map|Set)$/]',
    message:
      'What is kept under an object as a key is seen and closed by nobody: make it a member of the runtime of the thread or the turn (server/sessions/runtime).',
  },
  {
    selector: "CallExpression[callee.object.name='Object'][callee.property.name='create'][arguments.0.raw!='null']",
    message:
      'An object that hides another one behind itself is checked by no type: write its members down (server/sessions/turn/review-runtime.ts).',
  },
];

/**
 * Texts are for people: a program decides by an error's class, its code or its members. Where a text is another
 * program's or a library's, the line that reads it gives the reason.
 */
const READS_TEXT = '/^(includes|startsWith|endsWith|match|matchAll|search|indexOf)$/';
const TEXT = '/^(message|summary|stack)$/';
const ownSentences = [
  ...[
    `CallExpression[callee.property.name=${READS_TEXT}][callee.object.property.name=${TEXT}]`,
    `CallExpression[callee.property.name=${READS_TEXT}][callee.object.name=${TEXT}]`,
    `CallExpression[callee.property.name=/^(test|exec)$/][arguments.0.property.name=${TEXT}]`,
    `CallExpression[callee.property.name=/^(test|exec)$/][arguments.0.name=${TEXT}]`,
    `BinaryExpression[operator=/^[!=]==?$/][left.property.name='message']`,
    `BinaryExpression[operator=/^[!=]==?$/][left.property.name='name'][right.value=/Error$/]`,
  ].map((selector) => ({
    selector,
    message: 'Texts of errors are for people: decide by the code (server/errors/codes.ts) or by members of the error.',
  })),
  {
    selector: ':matches(ClassDeclaration, ClassExpression)[superClass.name=/^(Error|TypeError|RangeError)$/]',
    message: 'An error has a code of the table: extend CodexdError (server/errors/codexd-error.ts), or make one.',
  },
  {
    selector:
      ":matches(TemplateLiteral > Identifier[name='error'], CallExpression[callee.name='String'][arguments.0.name='error'])",
    message:
      'Of what is thrown, messageOf (server/errors/message-of.ts) has the words, and describe the line of the log.',
  },
];

/** Tests wait for an event, not for a time that is long enough on most machines. */
const SLEEPS = 'Wait with until or settled (test/fixtures/until.ts); where only time can pass, elapse has its reason.';
const sleepsOfTests = [
  {
    selector:
      "NewExpression[callee.name='Promise'] > ArrowFunctionExpression > CallExpression[callee.name='setTimeout']",
    message: SLEEPS,
  },
  {
    selector:
      "NewExpression[callee.name='Promise'] > ArrowFunctionExpression > BlockStatement[body.length=1] > ExpressionStatement > CallExpression[callee.name='setTimeout']",
    message: SLEEPS,
  },
  {
    selector:
      ":matches(WhileStatement, DoWhileStatement, ForStatement) > ExpressionStatement > AwaitExpression > CallExpression[callee.name='elapse']",
    message: 'A loop that does nothing but wait is until (test/fixtures/until.ts).',
  },
];

export default tseslint.config(
  { ignores: ['node_modules/**', 'dist/**', 'build/**', '.tap/**', 'schema/generated/**'] },
  ...tseslint.configs.recommended,
  {
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      eqeqeq: 'error',
      // Prettier limits the width of code, but not of comments.
      'max-len': [
        'error',
        { code: 120, ignoreUrls: true, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true },
      ],
    },
  },
  {
    // Rules that need the compiler. The error of a promise that nobody awaits is lost, so each is awaited, returned or
    // caught.
    files: ['{schema,server,clients,test,bench}/**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': [
        'error',
        // A test of tap reports its own outcome, and its parent waits for it.
        { allowForKnownSafePromises: [{ from: 'package', package: '@tapjs/core', name: 'PromiseWithSubtest' }] },
      ],
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-base-to-string': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-unnecessary-type-assertion': 'error',
      '@typescript-eslint/require-await': 'error',
    },
  },
  // In a test of tap, an async function replaces the call of end(). In a fake, it replaces an asynchronous member.
  { files: ['{test,bench}/**/*.ts'], rules: { '@typescript-eslint/require-await': 'off' } },
  {
    // The directions of imports: one list in scripts/lint/direction.mjs.
    files: ['{schema,clients,server}/**/*.ts'],
    plugins: { codexd: { rules: { direction: directionRule } } },
    rules: { 'codexd/direction': 'error' },
  },
  {
    // Node would look up a bare name on PATH, where commands can put their own programs.
    files: ['server/**/*.ts'],
    ignores: ['server/system/programs/start-program.ts', 'server/exec/process/child.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          paths: [
            {
              name: 'node:url',
              importNames: ['domainToASCII', 'domainToUnicode'],
              message: "Nodes differ in these: server/system/node/domain-names.ts has a name's one ASCII form.",
            },
            ...['node:child_process', 'child_process', 'node:cluster', 'cluster', 'execa'].map((name) => ({
              name,
              allowTypeImports: true,
              message:
                "The daemon's own programs are started by server/system/programs/start-program.ts, users' commands by server/exec/process/child.ts.",
            })),
          ],
        },
      ],
      'no-restricted-syntax': ['error', startsPrograms, configAsJson, ...ownSentences],
    },
  },
  {
    files: ['server/**/*.ts'],
    ignores: ['server/system/files/scratch.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        startsPrograms,
        configAsJson,
        ...ownSentences,
        listsWithKinds,
        ...temporaryNames,
      ],
      'no-restricted-properties': [
        'error',
        ...[
          { object: 'os', property: 'tmpdir' },
          { property: 'mkdtemp' },
          { property: 'mkdtempSync' },
          { property: 'mkdtempDisposableSync' },
        ].map((what) => ({ ...what, message: TEMPORARY })),
      ],
    },
  },
  {
    // Code that reads paths from a client or a person.
    files: ['server/{rpc,cli,exec,network-approval,sessions,services}/**/*.ts', 'server/config/layers/**/*.ts'],
    ignores: ['server/exec/process/child.ts'],
    rules: {
      // A later list replaces an earlier one, so each list contains all rules.
      'no-restricted-syntax': [
        'error',
        startsPrograms,
        configAsJson,
        ...ownSentences,
        throwingStat,
        listsWithKinds,
        ...temporaryNames,
      ],
    },
  },
  {
    // Features that Node does not guarantee are used in one place, where each use names the fallback.
    files: ['server/**/*.ts', 'clients/**/*.ts'],
    ignores: ['server/system/node/node-internals.ts'],
    rules: { 'no-underscore-dangle': ['error', { allow: ['_meta', '__bundleId'] }] },
  },
  {
    files: ['server/{sessions,services,cli}/**/*.ts'],
    ignores: OWN_FILES,
    rules: {
      'no-restricted-syntax': [
        'error',
        startsPrograms,
        configAsJson,
        ...ownSentences,
        throwingStat,
        listsWithKinds,
        ...temporaryNames,
        ...noFilesByPath,
      ],
    },
  },
  {
    files: ['server/sessions/**/*.ts'],
    ignores: OWN_FILES,
    rules: {
      'no-restricted-syntax': [
        'error',
        startsPrograms,
        configAsJson,
        ...ownSentences,
        throwingStat,
        listsWithKinds,
        ...temporaryNames,
        ...noFilesByPath,
        ...hiddenState,
      ],
    },
  },
  {
    files: OWN_FILES.filter((files) => files.startsWith('server/sessions/')),
    rules: {
      'no-restricted-syntax': [
        'error',
        startsPrograms,
        configAsJson,
        ...ownSentences,
        throwingStat,
        listsWithKinds,
        ...temporaryNames,
        ...hiddenState,
      ],
    },
  },
  {
    files: ['test/**/*.ts'],
    ignores: ['test/fixtures/until.ts'],
    rules: {
      'no-restricted-syntax': ['error', ...sleepsOfTests],
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { paths: [{ name: 'node:timers/promises', message: SLEEPS }] },
      ],
    },
  },
  { files: ['**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
);
