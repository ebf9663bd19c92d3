// The text of docs/errors.md, from the table of errors.
import * as prettier from 'prettier';

/** @typedef {{ rpcCode: number | null, kind: string, title: string, remedy: string }} Row */

/**
 * The headings of the page, by the part of a code before the dot; in the order of the page.
 *
 * @type {Readonly<Record<string, string>>}
 */
const PARTS = {
  request: 'Requests',
  answer: 'Answers of clients',
  config: 'Configuration',
  rules: 'Rules files',
  exec: 'Commands',
  sandbox: 'The sandbox',
  hook: 'Hooks',
  network: 'The network of commands',
  proxy: 'The proxy',
  thread: 'Threads',
  page: 'Pages of lists',
  model: 'Models',
  mcp: 'MCP servers',
  account: 'Accounts',
  tool: 'Tools of models',
  machine: 'The machine',
  doctor: '`codexd doctor`',
  cli: 'The command line',
  unexpected: 'Without a code of its own',
};

const KINDS = {
  administrator: 'the person who sets the requirements of the machine',
  user: 'the owner of the configuration or the command line',
  client: 'the requester: a client of the protocol, or a model that calls a tool',
  machine: 'the host, its programs and its network',
  bug: 'codexd itself: please report it',
};

/** The errors of the client library by `kind`; test/errors compares them with clients/typescript/errors.ts. */
export const CLIENT_KINDS = {
  server: ['ServerError', 'the server responded with a JSON-RPC error', 'What its `code` and message say.'],
  timeout: [
    'RequestTimeoutError',
    'no response came in time; the server may still execute the request',
    'Ask for the state, then again.',
  ],
  lost: [
    'ConnectionLostError',
    'the connection ended before the response; the server may have executed the request',
    'Connect again and ask for the state.',
  ],
  connect: ['ConnectError', 'the connection failed, or the server refused `initialize`', 'Check address and token.'],
  closed: ['ClientClosedError', 'the client is closed', 'Create another client.'],
  protocol: [
    'ProtocolError',
    'the server sent text that is not a message of the protocol',
    'Check what listens there.',
  ],
};

/** @param {Readonly<Record<string, Row>>} codes */
export async function errorsPage(codes) {
  const parts = Object.keys(PARTS).map((part) => ({
    part,
    rows: Object.entries(codes).filter(([code]) => code.split('.')[0] === part),
  }));
  const unplaced = Object.keys(codes).filter((code) => !Object.hasOwn(PARTS, code.split('.')[0] ?? ''));
  if (unplaced.length > 0) throw new Error(`no part of the page is for ${unplaced.join(', ')}`);
  /** @type {(head: string[], rows: (string | number)[][]) => string} */
  const table = (head, rows) =>
    [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  /** @param {string} text */
  const sentence = (text) => `${text.replace(/^\w/, (first) => first.toUpperCase())}.`;
  const text = `# Errors

<!-- Written by scripts/generate-errors.mjs from server/errors/codes.ts. -->

Every error of codexd has a code. The log contains it as \`code\`, beside \`kind\`. Clients do not receive it: an error response has the JSON-RPC
code and the message of the protocol. Messages are for people; programs decide by codes.

A line of the log about an error always has the same fields: \`code\` and \`kind\`; \`errno\` where the operating system refused something;
\`cause\`, the message of the underlying error; and \`stack\` for unexpected errors.

${table(
  ['kind', 'who can act'],
  Object.entries(KINDS).map(([kind, who]) => [`\`${kind}\``, who]),
)}

In the tables, JSON-RPC is the code in the error response to a client. An error without this code is never an error response itself.

${parts
  .filter(({ rows }) => rows.length > 0)
  .map(
    ({ part, rows }) =>
      `## ${PARTS[part]}\n\n${table(
        ['code', 'JSON-RPC', 'kind', 'what happened', 'what to do'],
        rows.map(([code, { rpcCode, kind, title, remedy }]) => [
          `\`${code}\``,
          rpcCode ?? '',
          kind,
          sentence(title),
          remedy,
        ]),
      )}`,
  )
  .join('\n\n')}

## The client library

The errors of \`codexd/client\` ([guide-editor.md](guide-editor.md)) have no code of this list. Decide by their \`kind\`.

${table(
  ['kind', 'class', 'what happened', 'what to do'],
  Object.entries(CLIENT_KINDS).map(([kind, [name, title, remedy]]) => [
    `\`${kind}\``,
    `\`${name}\``,
    sentence(title),
    remedy,
  ]),
)}
`;
  return prettier.format(text, { parser: 'markdown', printWidth: 120 });
}
