import tseslint from 'typescript-eslint';
import { directionRule } from './scripts/lint/direction.mjs';
import { forbiddenRules, SLEEPS, WITH_EXECA } from './scripts/lint/forbidden.mjs';
import { plainWordsRule } from './scripts/lint/plain-words.mjs';

/** Files that may work by path, each with the reason why no command can change these paths. */
const OWN_FILES = [
  // Sessions, their index and their names are in the Codex home, which commands cannot see.
  'server/sessions/store/**',
  'server/sessions/catalog/**',
  // The installation's id and the logins are in the Codex home, too.
  'server/sessions/model/installation-id.ts',
  'server/sessions/methods/memory/memory-files.ts',
  'server/sessions/model/provider/read-login.ts',
  'server/sessions/account/auth-file.ts',
  'server/sessions/mcp/oauth/credentials-file.ts',
  // Not part of the daemon: a program in the command's own sandbox, where the kernel refuses.
  'server/sessions/tools/patch-program/**',
  // Descriptors of the person's own shell (/dev/stdin, /dev/fd/3).
  'server/cli/options/named-file.ts',
  // Creates folders before any command runs; in them schema/generate/files.ts follows no link.
  'server/cli/run/generate.ts',
];

/** The files that start programs. */
const STARTS_PROGRAMS = [
  'server/system/programs/start-program.ts',
  'server/exec/process/child.ts',
  'server/exec/process/forkless-start.ts',
];

/**
 * Files outside of server/ that start programs with node:child_process all the same; all others use execa
 * (docs/decisions/process-start-elsewhere.md).
 */
const WITHOUT_EXECA = [
  // Runs before npm ci.
  'scripts/setup.mjs',
  // The published client has no dependencies.
  'clients/typescript/stdio.ts',
  // Part of the daemon's package, which does not contain execa.
  'schema/generate/typescript.ts',
  // They pass descriptors with any number; execa takes 3 to 9.
  'test/sandbox/support.ts',
  'test/sandbox/isolation.test.ts',
  'test/integration/inherited-descriptors.test.ts',
];
const childProcess = ['node:child_process', 'child_process'].map((name) => ({
  name,
  allowTypeImports: true,
  message: WITH_EXECA,
}));

const timersPromises = { name: 'node:timers/promises', message: SLEEPS };

/** The functions by which tests wait. */
const WAITS = ['test/fixtures/until.ts'];

/** Files whose texts with slashes are no paths of every system. */
const NO_LOCAL_PATHS = [
  // The module that knows them.
  'server/system/files/paths.ts',
  // Paths of Linux or macOS alone.
  'server/sandbox/{linux,macos}/**',
  'server/sandbox/policy/other-mounts.ts',
  'server/system/files/{mount-table,open-folder,time-zone}.ts',
  'server/system/programs/{program-file,system-program}.ts',
  // Patterns, what git writes, ranges of addresses.
  'server/file-search/walk/**',
  'server/sandbox/policy/glob.ts',
  'server/sessions/state/git-info.ts',
  'server/sandbox/windows/address-range.ts',
  // Addresses of hosts.
  'server/{rpc,network-approval}/**',
  'server/sessions/model/**',
];

/** Files that may name the modes of what is for this user alone: Windows has a list there, or another file. */
const WITH_MODES = [
  'server/system/files/{private-files,replace-file,scratch,output-file}.ts',
  // They call startFileForUser, or output-file.ts.
  'server/network-approval/audit/audit-file.ts',
  'server/cli/options/named-file.ts',
  'server/sandbox/{linux,macos}/**',
  // Windows has pipe-claim.ts.
  'server/rpc/transports/socket-claim.ts',
];

/** Which forms of code are forbidden where; scripts/lint/forbidden.mjs defines the rules. */
const FORBIDDEN = [
  { rule: 'starts-programs', files: ['server/**'], ignores: STARTS_PROGRAMS },
  { rule: 'starts-without-execa', files: ['{test,bench,clients,schema}/**'], ignores: WITHOUT_EXECA },
  { rule: 'path-texts', files: ['server/**'], ignores: NO_LOCAL_PATHS },
  { rule: 'private-files', files: ['server/**'], ignores: WITH_MODES },
  { rule: 'config-as-json', files: ['server/**'] },
  { rule: 'reads-sentences', files: ['server/**'] },
  { rule: 'error-classes', files: ['server/**'] },
  { rule: 'plain-errors', files: ['server/**'] },
  { rule: 'thrown-as-text', files: ['server/**'] },
  {
    // The settings have a word `tmpdir` of their own.
    rule: 'temporary-names',
    files: ['server/**'],
    ignores: ['server/system/files/scratch.ts', 'server/config/permissions/legacy-sandbox-policy.ts'],
  },
  { rule: 'listing-with-kinds', files: ['server/**'], ignores: ['server/system/files/scratch.ts'] },
  {
    // Code that reads paths from a client or a person.
    rule: 'throwing-stat',
    files: ['server/{rpc,cli,exec,network-approval,sessions,services}/**', 'server/config/layers/**'],
    ignores: ['server/exec/process/child.ts'],
  },
  { rule: 'files-by-path', files: ['server/{sessions,services,cli}/**'], ignores: OWN_FILES },
  { rule: 'hidden-state', files: ['server/sessions/**'] },
  { rule: 'hidden-object', files: ['server/sessions/**'] },
  { rule: 'sleeps', files: ['test/**'], ignores: WAITS },
  { rule: 'waiting-loops', files: ['test/**'], ignores: WAITS },
];

export default tseslint.config(
  { ignores: ['node_modules/**', 'dist/**', 'build/**', 'programs/**', '.tap/**', '.cache/**', 'schema/generated/**'] },
  ...tseslint.configs.recommended,
  { plugins: { codexd: { rules: { direction: directionRule, 'plain-words': plainWordsRule, ...forbiddenRules } } } },
  {
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      eqeqeq: 'error',
      'codexd/plain-words': 'error',
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
    files: ['{schema,server,clients,test,bench}/**/*.{ts,tsx}'],
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
    files: ['{schema,clients,server}/**/*.{ts,tsx}'],
    rules: { 'codexd/direction': 'error' },
  },
  {
    // Node would look up a bare name on PATH, where commands can put their own programs.
    files: ['server/**/*.ts'],
    ignores: STARTS_PROGRAMS,
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
          patterns: [
            {
              regex: 'linux/posix-spawn\\.js$',
              allowTypeImports: true,
              message: "Users' commands are started by server/exec/process/child.ts.",
            },
          ],
        },
      ],
    },
  },
  {
    // Features that Node does not guarantee are used in one place, where each use names the fallback.
    files: ['server/**/*.ts', 'clients/**/*.{ts,tsx}'],
    ignores: ['server/system/node/node-internals.ts'],
    // The last two are the names by which @tanstack/virtual-core lets a framework drive it.
    rules: { 'no-underscore-dangle': ['error', { allow: ['_meta', '__bundleId', '_didMount', '_willUpdate'] }] },
  },
  {
    files: ['{scripts,bench,clients,schema}/**/*.{ts,mjs}'],
    ignores: WITHOUT_EXECA,
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { paths: childProcess }] },
  },
  {
    files: ['test/**/*.ts'],
    ignores: WAITS,
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { paths: [timersPromises, ...childProcess] }] },
  },
  {
    files: WITHOUT_EXECA.filter((file) => file.startsWith('test/')),
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { paths: [timersPromises] }] },
  },
  ...FORBIDDEN.map(({ rule, files, ignores = [] }) => ({
    files: files.map((folder) => `${folder}/*.ts`),
    ignores,
    rules: /** @type {const} */ ({ [`codexd/${rule}`]: 'error' }),
  })),
  { files: ['**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
);
