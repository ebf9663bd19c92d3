/** The account's methods on a home and an issuer of the test. */
import fs from 'node:fs';
import path from 'node:path';
import type { Test } from 'tap';
import { createConfigService } from '../../../server/config/settings/config-service.js';
import type { Caller, RequestContext } from '../../../server/rpc/connection/caller.js';
import { silentLogger } from '../../../server/log/log.js';
import type { AccountDeps } from '../../../server/services/account/account-state.js';
import { createWorkspaces } from '../../../server/services/account/workspaces.js';
import { startIssuer, type Issuer } from '../../fixtures/issuer.js';
import { never, world } from '../../sessions/account/support.js';

export interface Stage {
  readonly home: string;
  readonly issuer: Issuer;
  readonly deps: AccountDeps;
  /** Notifications to all, in order. */
  readonly told: [string, unknown][];
  readonly caller: Caller;
  readonly context: RequestContext;
}

/** `config`: of config.toml. */
export async function stage(t: Test, config = ''): Promise<Stage> {
  const issuer = await startIssuer(t);
  const { home, account } = world(t, issuer, { config });
  fs.writeFileSync(path.join(home, 'config.toml'), config);
  const source = createConfigService({ codexHome: home, cwd: home });
  const told: [string, unknown][] = [];
  const broadcast = (method: string, params: unknown): void => void told.push([method, params]);
  const outbox = { broadcast } as unknown as AccountDeps['outbox'];
  const workspaces = createWorkspaces(account, silentLogger);
  return {
    home,
    issuer,
    told,
    deps: { codexHome: home, source, outbox, account, workspaces, log: silentLogger },
    caller: { client: { name: 'test', version: '1', title: null }, closed: never } as unknown as Caller,
    context: { requestId: 1, afterAnswer: (work) => work() },
  };
}
