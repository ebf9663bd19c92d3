/** The workspaces of an account, as the services that know it say them (`/wham/accounts/check`). */
import type { AccountSessionWorkspace, WorkspaceRouting } from '../../../schema/protocol/services/account.js';
import { describe } from '../../errors/describe.js';
import type { Logger } from '../../log/log.js';
import type { Account } from '../../sessions/account/index.js';
import { isObject } from '../../system/node/objects.js';
import { textOrNull } from './answers.js';
import { servicePath } from '../../sessions/account/account-settings.js';

export interface Workspace extends AccountSessionWorkspace {
  /** False: the workspace needs a login of its own. */
  readonly isOpen: boolean;
  /** Null: the service does not say. */
  readonly routing: WorkspaceRouting | null;
}

export interface Workspaces {
  /** Asks. Throws what `Backend.ask` throws. */
  read(): Promise<readonly Workspace[]>;
  /** What is known about a workspace, asked if it is not. Null: nothing. Waits a while at most; never rejects. */
  about(accountId: string | null): Promise<Workspace | null>;
  /** Somebody else may be logged in now. */
  forget(): void;
}

/** How long an answer counts, and how long a failure is not repeated, in milliseconds. */
const FRESH_MS = 5 * 60_000;
const FAILED_MS = 60_000;
/** How long `about` waits, in milliseconds: what it adds is for display. */
const WAIT_MS = 3_000;

export function createWorkspaces(
  { backend, settings }: Pick<Account, 'backend' | 'settings'>,
  log: Logger,
): Workspaces {
  /** Of the account that was asked about last. */
  let known: { readonly accountId: string; readonly until: number; readonly found: Workspace | null } | null = null;
  const read = async (): Promise<readonly Workspace[]> =>
    workspacesIn(await backend.ask({ method: 'GET', path: `${servicePath(settings().backend)}/accounts/check` }));
  return {
    read,
    forget: () => void (known = null),
    async about(accountId) {
      if (accountId === null) return null;
      if (known?.accountId === accountId && Date.now() < known.until) return known.found;
      const asked = read().then(
        (all) => {
          const found = all.find((workspace) => workspace.accountId === accountId) ?? null;
          known = { accountId, until: Date.now() + FRESH_MS, found };
          return found;
        },
        (error: unknown) => {
          log.debug(...describe('the workspaces of the account are not known', error));
          known = { accountId, until: Date.now() + FAILED_MS, found: null };
          return null;
        },
      );
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<null>((resolve) => (timer = setTimeout(() => resolve(null), WAIT_MS)));
      return Promise.race([asked, late]).finally(() => clearTimeout(timer));
    },
  };
}

/** What is no workspace is left out. */
export function workspacesIn(answer: unknown): readonly Workspace[] {
  const { accounts } = isObject(answer) ? answer : {};
  // The service has had both forms.
  const list: readonly unknown[] = Array.isArray(accounts)
    ? accounts
    : isObject(accounts)
      ? Object.values(accounts)
      : [];
  return list.flatMap((entry) => {
    const accountId = isObject(entry) ? textOrNull(entry.id) : null;
    if (!isObject(entry) || accountId === null || entry.is_deactivated === true) return [];
    const { structure } = entry;
    return [
      {
        accountId,
        name: textOrNull(entry.name),
        imageUrl: textOrNull(entry.profile_picture_url),
        kind: structure === 'personal' ? 'personal' : structure === 'workspace' ? 'workspace' : null,
        isOpen: entry.can_access_with_session !== false,
        routing: routingOf(accountId, entry),
      },
    ];
  });
}

function routingOf(
  chatgptAccountId: string,
  { workspace_backend_origin: backendOrigin, account_routing_override: override }: Readonly<Record<string, unknown>>,
): WorkspaceRouting | null {
  if (typeof backendOrigin !== 'string') return null;
  if (override !== 'NO_CONSTRAINT' && override !== 'us' && override !== 'us_cr') return null;
  return { chatgptAccountId, backendOrigin, accountRoutingOverride: override };
}
