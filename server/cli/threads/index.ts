/**
 * `codexd threads …`, `archive`, `unarchive`, `delete` and `queue`. Part of the bundle of `codexd exec`
 * (scripts/build.mjs).
 */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { connectStdio, ServerError, type Client } from '../../../clients/typescript/index.js';
import type { Thread } from '../../../schema/protocol/threads/thread.js';
import { CodexdError } from '../../errors/codexd-error.js';
import { messageOf } from '../../errors/message-of.js';
import { ownCommand } from '../../package/own-node.js';
import { CODEXD_VERSION } from '../../package/package-version.js';
import { isGiven, valueOf, type ParsedCommand } from '../options/command-spec.js';
import { connectRemote, remoteServer } from '../exec/remote.js';
import { print } from '../output/print.js';
import { terminalText } from '../output/terminal-text.js';
import { EVERYTHING, findThread, PAGE, UUID } from '../exec/find-thread.js';
import { threadTable, threadText } from './show-threads.js';

export { printConsoleLinks } from './console-links.js';

type Work = 'list' | 'show' | 'archive' | 'unarchive' | 'delete' | 'queue';

/** Resolves to the exit code. Errors are printed here, because the bundle of the program has its own error classes. */
export async function runThreads(work: Work, parsed: ParsedCommand): Promise<number> {
  try {
    if (work === 'delete') refuseUnasked(parsed);
    const client = await connect(parsed);
    try {
      return await WORK[work](client, parsed);
    } finally {
      await client.close();
    }
  } catch (error) {
    const message = messageOf(error);
    // eslint-disable-next-line codexd/reads-sentences -- the words of a server that did not start
    const line = message.startsWith('Error: ') ? message : `Error: ${message}${inUse(error)}`;
    process.stderr.write(terminalText(`${line}\n`, process.stderr));
    return 1;
  }
}

/** Another daemon has the session open: use that daemon. */
const inUse = (error: unknown): string =>
  // eslint-disable-next-line codexd/reads-sentences -- the protocol has no code for it
  error instanceof ServerError && /already has an active writer/.test(error.message)
    ? '\nIt is open in a running app-server: name that with --remote (unix:// is the one of this Codex home).'
    : '';

const WORK: Readonly<Record<Work, (client: Client, parsed: ParsedCommand) => Promise<number>>> = {
  async list(client, parsed) {
    const threads = await listed(client, parsed);
    if (isGiven(parsed, 'json')) print(`${JSON.stringify(threads, null, 2)}\n`);
    else if (threads.length > 0) print(terminalText(threadTable(threads), process.stdout));
    else process.stderr.write('There is no such session.\n');
    return 0;
  },
  async show(client, parsed) {
    const word = sessionOf(parsed);
    const threadId = await findThread(client, word, false).catch((error: Error) =>
      findThread(client, word, true).catch(() => Promise.reject(error)),
    );
    const { thread } = await client.request('thread/read', { threadId, includeTurns: true });
    print(
      isGiven(parsed, 'json')
        ? `${JSON.stringify(thread, null, 2)}\n`
        : terminalText(threadText(thread), process.stdout),
    );
    return 0;
  },
  async archive(client, parsed) {
    const threadId = await findThread(client, sessionOf(parsed), false);
    await client.request('thread/archive', { threadId });
    print(`Archived session ${threadId}.\n`);
    return 0;
  },
  async unarchive(client, parsed) {
    const threadId = await findThread(client, sessionOf(parsed), true);
    await client.request('thread/unarchive', { threadId });
    print(`Unarchived session ${threadId}.\n`);
    return 0;
  },
  async delete(client, parsed) {
    const word = sessionOf(parsed);
    const threadId = await findThread(client, word, false).catch((error: Error) =>
      findThread(client, word, true).catch(() => Promise.reject(error)),
    );
    if (!mayDelete(parsed) && !(await confirmed(client, threadId))) {
      process.stderr.write('Nothing was deleted.\n');
      return 1;
    }
    await client.request('thread/delete', { threadId });
    print(`Deleted session ${threadId}.\n`);
    return 0;
  },
  async queue(client, parsed) {
    const threadId = await findThread(client, valueOf(parsed, 'thread') ?? '', false);
    const input = [{ type: 'text' as const, text: valueOf(parsed, 'message') ?? '', text_elements: [] }];
    await client.request('thread/queue/add', { threadId, input, clientUserMessageId: randomUUID() });
    print(`Queued message for session ${threadId}.\n`);
    return 0;
  },
};

/** Most sessions in a list without `--limit`. */
const USUAL_LIMIT = 50;

async function listed(client: Client, parsed: ParsedCommand): Promise<Thread[]> {
  const limit = Number(valueOf(parsed, 'limit') ?? USUAL_LIMIT) || Infinity;
  const folder = valueOf(parsed, 'cwd');
  const search = valueOf(parsed, 'search');
  const threads: Thread[] = [];
  let cursor: string | null = null;
  do {
    const page: { data: Thread[]; nextCursor?: string | null | undefined } = await client.request('thread/list', {
      ...EVERYTHING,
      sortKey: 'updated_at',
      archived: isGiven(parsed, 'archived'),
      limit: Math.min(PAGE, limit - threads.length),
      cursor,
      ...(folder === null ? {} : { cwd: path.resolve(folder) }),
      ...(search === null ? {} : { searchTerm: search }),
    });
    threads.push(...page.data);
    cursor = page.nextCursor ?? null;
  } while (cursor !== null && threads.length < limit);
  return threads;
}

const sessionOf = ({ trailing: [word = ''] }: ParsedCommand): string => word;
const mayDelete = (parsed: ParsedCommand): boolean => isGiven(parsed, 'yes') || isGiven(parsed, 'force');

/** Checks before a server is started. Throws. */
function refuseUnasked(parsed: ParsedCommand): void {
  if (isGiven(parsed, 'force') && !UUID.test(sessionOf(parsed))) {
    throw new CodexdError(
      'cli.input',
      '--force requires a session UUID; names must be confirmed interactively, or with --yes',
    );
  }
  if (!mayDelete(parsed) && !process.stdin.isTTY) {
    throw new CodexdError(
      'cli.input',
      'cannot confirm session deletion without an interactive terminal; rerun with --yes, or with --force and a session UUID',
    );
  }
}

async function confirmed(client: Client, threadId: string): Promise<boolean> {
  const { thread } = await client.request('thread/read', { threadId, includeTurns: false });
  process.stderr.write(terminalText(threadTable([thread]), process.stderr));
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question('Delete it for good? [y/N] ')).trim());
  } finally {
    terminal.close();
  }
}

const CLIENT = {
  clientInfo: { name: 'codex_cli', title: 'codexd threads', version: CODEXD_VERSION },
  capabilities: { experimentalApi: true },
};

function connect(parsed: ParsedCommand): Promise<Client> {
  const remote = remoteServer(parsed);
  if (remote !== null) return connectRemote(remote, CLIENT);
  const [command, ...args] = ownCommand([
    'app-server',
    '--session-source',
    'cli',
    ...parsed.globals.flatMap(({ name, value }) => [`--${name}`, value]),
  ]);
  return connectStdio({
    command,
    args,
    ...CLIENT,
    onStderr: (text) => void process.stderr.write(terminalText(text, process.stderr)),
  });
}
