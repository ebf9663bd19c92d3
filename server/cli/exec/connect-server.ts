/** Connects to the server of a session: an own one over stdio, which ends with this process, or a running one. */
import { connectStdio, type Client, type ClientOptions } from '../../../clients/typescript/index.js';
import { ownCommand } from '../../package/own-node.js';
import type { ParsedCommand } from '../options/command-spec.js';
import { execError } from './exec-error.js';
import type { ExecOptions } from './exec-options.js';
import { connectRemote } from './remote.js';

export interface ServerWanted {
  readonly client: Pick<ClientOptions, 'clientInfo' | 'capabilities'>;
  /** The origin of the sessions, in lists. */
  readonly source: 'exec' | 'cli';
  /** A lost connection to a running server is restored. */
  readonly reconnects: boolean;
}

/** `say` receives the lines of an own server's log. Throws `cli.exec` when no server answers. */
export async function connectServer(
  options: Pick<ExecOptions, 'remote' | 'cwd' | 'serverFlags'>,
  parsed: ParsedCommand,
  { client, source, reconnects }: ServerWanted,
  say: (line: string) => void,
): Promise<Client> {
  if (options.remote !== null) return connectRemote(options.remote, client, reconnects);
  const { recordTo } = parsed;
  /** The server's log before its first response. When the start fails, this text becomes the error, printed once. */
  let before: string | null = '';
  const [command, ...args] = ownCommand([
    ...(recordTo === null ? [] : ['record', recordTo]),
    'app-server',
    '--session-source',
    source,
    ...options.serverFlags,
  ]);
  const connecting = connectStdio({
    command,
    args,
    ...(options.cwd === null ? {} : { cwd: options.cwd }),
    // Ctrl-C interrupts the turn. The server stays, because it reports how the turn ended.
    ownGroup: true,
    ...client,
    onStderr(text) {
      if (before === null) say(text.trimEnd());
      else before += text;
    },
  });
  const connected = await connecting.catch((error: unknown) => {
    const said = before?.trimEnd() ?? '';
    throw said.includes('Error: ') ? execError(said) : error;
  });
  if (before !== '') say(before.trimEnd());
  before = null;
  return connected;
}
