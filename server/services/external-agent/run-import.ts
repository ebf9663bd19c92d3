/** externalAgentConfig/import: imports items one after the other, and reports each. */
import type { ExternalAgentConfigImportTypeResult as TypeResult } from '../../../schema/protocol/services/external-agent.js';
import { messageOf } from '../../errors/message-of.js';
import { KINDS } from './detect.js';
import { isSessionFile, sessionAt } from './find-sessions.js';
import { importSession, type SessionImports } from './import-session.js';
import type { Failure, Imported, Item, ItemType } from './kind.js';
import { homeScope, repositoryScope, type Homes } from './scope.js';

export interface ImportDeps {
  readonly homes: Homes;
  readonly sessions: SessionImports;
}

/** The order of the types in the final report. */
const ORDER: readonly ItemType[] = [
  'CONFIG',
  'SKILLS',
  'AGENTS_MD',
  'PLUGINS',
  'MCP_SERVER_CONFIG',
  'SUBAGENTS',
  'HOOKS',
  'COMMANDS',
  'MEMORY',
  'SESSIONS',
];

/** Never rejects: what fails is a failure of its type. Returns one result a type. */
export async function runImport(
  deps: ImportDeps,
  items: readonly Item[],
  originator: string,
  report: (result: TypeResult) => void,
): Promise<TypeResult[]> {
  const results: TypeResult[] = [];
  const add = (result: TypeResult): void => {
    results.push(result);
    report(result);
  };
  const wanted = items
    .filter(({ itemType }) => itemType === 'SESSIONS')
    .flatMap(({ details }) => details?.sessions ?? []);
  const known = wanted.filter(({ path }) => isSessionFile(deps.homes.home, path));
  if (items.some(({ itemType }) => itemType === 'SESSIONS'))
    add(undetected(wanted.filter((one) => !known.includes(one))));
  for (const item of items) if (item.itemType !== 'SESSIONS') add(await importItem(deps, item));
  if (known.length > 0) add(await importSessions(deps, known, originator));
  return ORDER.flatMap((itemType) => {
    const ofType = results.filter((result) => result.itemType === itemType);
    if (ofType.length === 0) return [];
    return [
      {
        itemType,
        successes: ofType.flatMap(({ successes }) => successes),
        failures: ofType.flatMap(({ failures }) => failures),
      },
    ];
  });
}

async function importItem({ homes }: ImportDeps, { itemType, cwd, details }: Item): Promise<TypeResult> {
  const place = cwd === '' ? null : (cwd ?? null);
  const kind = KINDS.find((one) => one.itemType === itemType);
  if (kind === undefined) {
    const message = `codexd imports nothing of the type ${itemType}`;
    return { itemType, successes: [], failures: [failure(itemType, 'unsupported_item_type', message, place)] };
  }
  const scope = place === null ? homeScope(homes) : repositoryScope(place, homes);
  if (scope === null) return { itemType, successes: [], failures: [] };
  let imported: Imported;
  try {
    imported = await kind.import(scope, details ?? null);
  } catch (error) {
    return { itemType, successes: [], failures: [failure(itemType, 'import', messageOf(error), place)] };
  }
  const successes = imported.map(([source, target]) => ({ itemType, cwd: place, source, target, title: null }));
  return { itemType, successes, failures: [] };
}

type Wanted = NonNullable<Item['details']>['sessions'][number];

function undetected(sessions: readonly Wanted[]): TypeResult {
  const failures = sessions.map(({ path }) => ({
    ...failure('SESSIONS', 'session_missing', `external agent session was not detected for import: ${path}`, null),
    subErrorType: 'session_not_detected',
    source: path,
  }));
  return { itemType: 'SESSIONS', successes: [], failures };
}

async function importSessions(deps: ImportDeps, wanted: readonly Wanted[], originator: string): Promise<TypeResult> {
  const result: { successes: TypeResult['successes'][number][]; failures: Failure[] } = { successes: [], failures: [] };
  const refuse = (path: string, why: string): void => {
    const message = `the session ${path} was not imported: ${why}`;
    result.failures.push({ ...failure('SESSIONS', 'session_import', message, null), source: path });
  };
  for (const { path } of wanted) {
    try {
      const session = await sessionAt(path);
      if (session === null) {
        refuse(path, 'it has no message of a person, cannot be read, or is too large');
        continue;
      }
      const target = await importSession(deps.sessions, session, originator);
      if (target === null) continue;
      const { cwd, title } = session;
      result.successes.push({ itemType: 'SESSIONS', cwd, source: path, target, title });
    } catch (error) {
      refuse(path, messageOf(error));
    }
  }
  return { itemType: 'SESSIONS', ...result };
}

const failure = (itemType: ItemType, failureStage: string, message: string, cwd: string | null): Failure => ({
  itemType,
  errorType: null,
  subErrorType: null,
  failureStage,
  message,
  cwd,
  source: null,
});
