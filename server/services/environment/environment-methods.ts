/**
 * environment/info, environment/status and environment/add (docs/protocol/services.md §10). codexd has one environment,
 * this machine, which is called `local`.
 */
import { pathToFileURL } from 'node:url';
import path from 'node:path';
import type { ConfigService } from '../../config/settings/config-service.js';
import { invalidRequest } from '../../errors/rpc-error.js';
import { defineMethods } from '../../rpc/connection/define-methods.js';
import { userShellArgv } from '../../system/programs/user-shell.js';

export interface EnvironmentDeps {
  readonly source: ConfigService;
  /** The daemon's own. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
}

const LOCAL = 'local';

export const environmentMethods = defineMethods(({ source, env }: EnvironmentDeps) => ({
  'environment/info': ({ environmentId }) => {
    if (environmentId !== LOCAL) throw invalidRequest(unknown(environmentId));
    const [shell = ''] = userShellArgv('', env, false);
    const name = path.basename(shell).replace(/\.exe$/i, '');
    return { shell: { name, path: shell }, cwd: pathToFileURL(source.sources.cwd).href };
  },
  'environment/status': ({ environmentId }) =>
    environmentId === LOCAL
      ? { status: 'ready' as const }
      : { status: 'unknown' as const, error: unknown(environmentId) },
  'environment/add': ({ environmentId }) => {
    if (environmentId === '') throw invalidRequest('exec-server protocol error: environment id cannot be empty');
    if (environmentId === LOCAL)
      throw invalidRequest(
        `exec-server protocol error: environment id \`${LOCAL}\` is reserved for EnvironmentManager`,
      );
    throw invalidRequest(
      `codexd runs commands on this machine only, and cannot add the environment \`${environmentId}\`: run codexd on the other machine, and connect to it`,
    );
  },
}));

const unknown = (id: string): string => `unknown environment id \`${id}\``;
