/**
 * The direction of imports, as one list: a file imports from its own folder and from earlier folders of the list, types
 * included. `eslint .` reports an import against it; test/architecture compares the list with the folders.
 */
import path from 'node:path';

export const FOLDERS = [
  // The wire. It imports nothing of the server.
  'schema/shape',
  'schema/protocol/common',
  'schema/protocol/exec',
  'schema/protocol/threads',
  'schema/protocol/approvals',
  'schema/protocol/services',
  'schema/protocol/config',
  'schema/protocol/operator',
  'schema',
  'schema/generate',

  // The client library and the demo. They import the wire, and the place of the package.
  'clients/typescript',
  'clients/typescript/examples',

  // What every client of codexd itself shows in the same way.
  'clients/text',

  // `codexd chat`: text for terminals, questions, the thread, and its two forms.
  'clients/chat/text',
  'clients/chat/questions',
  'clients/chat/session',
  'clients/chat/commands',
  'clients/chat/plain',
  'clients/chat/screen',

  // The base of the server; its errors import nothing.
  'server/errors',
  'server/package',
  'server/system/node',
  'server/system/windows',
  'server/system/windows/streams',
  'server/system/windows/process',
  'server/system/windows/administration',
  'server/system/darwin',
  'server/system/linux',
  'server/system/programs',
  'server/system/files',
  'server/log',
  'server/metrics',
  'server/images',

  'clients/demo',

  // The page of the console, which runs in a browser.
  'clients/console/text',
  'clients/console/connection',
  'clients/console/state/questions',
  'clients/console/state',
  'clients/console/methods',
  'clients/console/markdown',
  'clients/console/terminal',
  'clients/console/parts',
  'clients/console/pages/approvals',
  'clients/console/pages/network',
  'clients/console/pages/commands',
  'clients/console/pages/threads',
  'clients/console/pages/protocol',
  'clients/console/pages',
  'clients/console',

  // Bytes, messages, connections. They import no domain.
  'server/rpc/wire',
  'server/rpc/connection',
  'server/rpc/transports',
  'server/rpc/console',
  'server/rpc',

  // The configuration of people and administrators.
  'server/config/toml',
  'server/config/shape',
  'server/config/layers',
  'server/config/permissions',
  'server/config/rules',
  'server/config/requirements',
  'server/config/settings',
  'server/config/write',
  'server/config/inspect',
  'server/config/handlers',
  'server/config/thread',

  // The files that a command may access.
  'server/sandbox/policy',
  'server/sandbox/linux',
  'server/sandbox/macos',
  'server/sandbox/windows',
  'server/sandbox/windows/run',
  'server/sandbox/windows/setup',
  'server/sandbox',

  // The hosts that a command may reach.
  'server/network-approval/registration',
  'server/network-approval/decide',
  'server/network-approval/lanes',
  'server/network-approval/audit',
  'server/network-approval/proxy/http',
  'server/network-approval/hooks',
  'server/network-approval/proxy/upstream',
  'server/network-approval/proxy/protocols',
  'server/network-approval/interception',
  'server/network-approval/transparent',
  'server/network-approval',
  'server/network-approval/prompts',

  // A command, from its start to its end.
  'server/exec/process',
  'server/exec/run',
  'server/exec/end',
  'server/exec/start',
  'server/exec/observe',
  'server/exec',
  'server/exec/methods',

  // Files for clients.
  'server/client-files/watch',
  'server/client-files',
  'server/file-search/match',
  'server/file-search/walk',
  'server/file-search',

  'server/skills',

  // Programs of people and administrators at points of a turn: what may run, then running it.
  'server/hooks',
  'server/hooks/discover',

  // What plugins bring, from their files to skills, servers and hooks; then where plugins come from.
  'server/plugins',
  'server/plugins/market',
  'server/plugins/install',

  'server/hooks/run',

  // Threads: storage, models, loaded threads, the agent, the requests of clients.
  'server/sessions/shell',
  'server/sessions/store/records',
  'server/sessions/store/files',
  'server/sessions/store/history',
  'server/sessions/store',
  'server/sessions/catalog',
  'server/sessions/model/provider',
  'server/sessions/model/endpoint',
  'server/sessions/model/chat',
  'server/sessions/model/responses',
  'server/sessions/model',
  'server/sessions/mcp/shape',
  'server/sessions/mcp/work',
  'server/sessions/mcp/connection',
  'server/sessions/mcp/oauth',
  'server/sessions/mcp',
  'server/sessions/account',
  'server/sessions/runtime',
  'server/sessions/live/delivery',
  'server/sessions/live',
  'server/sessions/state',
  'server/sessions/agenda',
  'server/sessions/context',
  'server/sessions/tool-types',
  'server/sessions/hooks',
  'server/sessions/approvals',
  'server/sessions/tools/shell',
  'server/sessions/tools/files',
  'server/sessions/tools/apply-patch',
  'server/sessions/tools/patch-program',
  'server/sessions/tools/mcp',
  'server/sessions/tools',
  'server/sessions/turn/answer',
  'server/sessions/turn',
  'server/sessions/methods/thread',
  'server/sessions/methods/history',
  'server/sessions/methods/memory',
  'server/sessions/methods/turns',
  'server/sessions/methods',
  'server/sessions',

  // Accounts, models, skills, and lists of extensions.
  'server/services/account',
  'server/services/git',
  'server/services/external-agent',
  'server/services/feedback',
  'server/services/models',
  'server/services/machine',
  'server/services/extensions',
  'server/services/plugins',
  'server/services/environment',
  'server/services/skills',
  'server/services/windows-sandbox',

  // The program.
  'server/doctor/findings',
  'server/doctor/checks',
  'server/doctor',
  'server/operator',
  'server/app',
  'server/cli/output',
  'server/cli/options',
  'server/cli/run',
  'server/cli/exec',
  'server/cli/chat',
  'server/cli/threads',
  'server/cli/mcp',
  'server/cli/plugins',
  'server/cli/hooks',
  'server/cli/mcp-server/events',
  'server/cli/mcp-server',
  'server/cli/completion',
  'server/cli/commands',
  'server/cli',
];

/**
 * Null: the import is allowed. Paths are relative to the repository's root; `to` is the imported file.
 * @param {string} from
 * @param {string} to
 */
export function against(from, to) {
  const [own, other] = [from, to].map((file) => path.posix.dirname(file));
  if (own === other) return null;
  const [place, target] = [FOLDERS.indexOf(own), FOLDERS.indexOf(other)];
  if (place < 0) return `${own} is not in the list of folders (scripts/lint/direction.mjs): give it its place there.`;
  if (target < 0) return `${other} is not in the list of folders (scripts/lint/direction.mjs).`;
  return target < place
    ? null
    : `${own} may not import from ${other}, which stands below it in scripts/lint/direction.mjs.`;
}

/**
 * The rule for eslint: every import of a source file, also of types and at run time.
 *
 * @type {import('eslint').Rule.RuleModule}
 */
export const directionRule = {
  meta: { type: 'problem', schema: [], messages: { against: '{{ why }}' } },
  create(context) {
    const from = path.relative(context.cwd, context.filename).split(path.sep).join('/');
    /** @param {import('estree').Node | null | undefined} source */
    const check = (source) => {
      if (source?.type !== 'Literal' || typeof source.value !== 'string' || !source.value.startsWith('.')) return;
      const to = path.posix.join(path.posix.dirname(from), source.value);
      const why = against(from, to);
      if (why !== null) context.report({ node: source, messageId: 'against', data: { why } });
    };
    return {
      ImportDeclaration: ({ source }) => check(source),
      ExportNamedDeclaration: ({ source }) => check(source),
      ExportAllDeclaration: ({ source }) => check(source),
      ImportExpression: ({ source }) => check(source),
      // A node of TypeScript's own, whose shape depends on the parser's version.
      TSImportType: (/** @type {any} */ node) => check(node.source ?? node.argument?.literal),
    };
  },
};
