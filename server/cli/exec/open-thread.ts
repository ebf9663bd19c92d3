/** Opens the thread for the turn: a new thread, an earlier thread, or a fork of one. */
import type { Client } from '../../../clients/typescript/index.js';
import type { RequestResult } from '../../../schema/registry.js';
import type { ExecOptions } from './exec-options.js';
import { PAGE, UUID } from './find-thread.js';
import { execError } from './exec-error.js';

export interface OpenThread {
  readonly id: string;
  readonly model: string;
  readonly modelProvider: string;
  readonly cwd: string;
  readonly sandbox: string;
  readonly effort: string | null;
}

export interface Earlier {
  readonly kind: 'resume' | 'fork';
  /** Id or name. Null: the newest session. */
  readonly session: string | null;
  /** The newest session of any folder, not only of this folder. */
  readonly anywhere: boolean;
}

/** Throws `cli.exec` when the session does not exist, and ServerError when the server refuses. */
export async function openThread(client: Client, options: ExecOptions, earlier: Earlier | null): Promise<OpenThread> {
  const config = {
    ...options.remote?.config,
    ...(options.bypassesHookTrust ? { bypass_hook_trust: true } : {}),
  };
  const shared = {
    ...(options.cwd === null ? {} : { cwd: options.cwd }),
    ...(Object.keys(config).length === 0 ? {} : { config }),
    // Nobody can answer approval requests: the server refuses what needs approval, and the model gets the reason.
    approvalPolicy: 'never' as const,
    ...(options.model === null ? {} : { model: options.model }),
    ...(options.sandbox === null ? {} : { sandbox: options.sandbox }),
  };
  const source = options.threadSource === null ? {} : { threadSource: options.threadSource };
  const opened =
    earlier === null
      ? await client.request('thread/start', { ...shared, ...source, ephemeral: options.ephemeral })
      : earlier.kind === 'resume'
        ? await client.request('thread/resume', {
            ...shared,
            threadId: await find(client, options, earlier),
            excludeTurns: true,
          })
        : await client.request('thread/fork', {
            ...shared,
            ...source,
            threadId: await find(client, options, earlier),
            ephemeral: options.ephemeral,
            excludeTurns: true,
          });
  const mode = sandboxMode(opened.sandbox);
  if (options.remote !== null && options.sandbox !== null && options.sandbox !== mode) {
    throw execError(
      `The session is held to ${mode} there, not to \`--sandbox ${options.sandbox}\`: it is loaded already. Leave --sandbox out, or fork the session.`,
    );
  }
  return {
    id: opened.thread.id,
    model: opened.model,
    modelProvider: opened.modelProvider,
    cwd: opened.cwd,
    sandbox: sandboxLine(opened.sandbox),
    effort: opened.reasoningEffort ?? null,
  };
}

type Sandbox = RequestResult<'thread/start'>['sandbox'];
const sandboxMode = ({ type }: Sandbox): string => type.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The sandbox policy in the form of config.toml, with the writable folders. */
function sandboxLine(sandbox: Sandbox): string {
  const name = sandboxMode(sandbox);
  if (sandbox.type !== 'workspaceWrite') return name;
  const places = [
    'workdir',
    ...(sandbox.excludeSlashTmp ? [] : ['/tmp']),
    ...(sandbox.excludeTmpdirEnvVar ? [] : ['$TMPDIR']),
    ...sandbox.writableRoots,
  ];
  return `${name} [${places.join(', ')}]${sandbox.networkAccess ? ' (network access enabled)' : ''}`;
}

async function find(client: Client, { cwd }: ExecOptions, { session, anywhere }: Earlier): Promise<string> {
  if (session !== null && UUID.test(session)) return session;
  const everything = { modelProviders: [], sourceKinds: ['cli', 'vscode', 'exec', 'appServer'] as const };
  let cursor: string | null = null;
  do {
    const found: { readonly data: readonly { id: string; name: string | null }[]; readonly nextCursor: string | null } =
      await client.request('thread/list', {
        ...everything,
        sourceKinds: [...everything.sourceKinds],
        sortKey: 'updated_at',
        limit: session === null ? 1 : PAGE,
        cursor,
        ...(session === null && !anywhere && cwd !== null ? { cwd } : {}),
      });
    const thread = session === null ? found.data[0] : found.data.find(({ name }) => name === session);
    if (thread !== undefined) return thread.id;
    cursor = session === null ? null : found.nextCursor;
  } while (cursor !== null);
  throw execError(
    session !== null
      ? `No session is called \`${session}\`, and it is no id.`
      : anywhere || cwd === null
        ? 'There is no earlier session.'
        : `There is no earlier session of ${cwd}; --all looks in other folders too.`,
  );
}
