/** externalAgentConfig/detect: what could be imported. It changes nothing. */
import { messageOf } from '../../errors/message-of.js';
import type { Logger } from '../../log/log.js';
import { commandsKind } from './commands.js';
import { findSessions, sessionFolder, type SessionLimits } from './find-sessions.js';
import { hooksKind } from './hooks.js';
import { instructionsKind } from './instructions.js';
import { detailsOf, type Item, type Kind } from './kind.js';
import { homeScope, repositoryScope, type Homes, type Scope } from './scope.js';
import { serversKind } from './servers.js';
import { settingsKind } from './settings.js';
import { skillsKind } from './skills.js';
import { subagentsKind } from './subagents.js';

/** In the order in which they are offered. */
export const KINDS: readonly Kind[] = [
  settingsKind,
  serversKind,
  hooksKind,
  skillsKind,
  commandsKind,
  subagentsKind,
  instructionsKind,
];

export interface DetectRequest extends SessionLimits {
  readonly includeHome: boolean;
  readonly cwds: readonly string[];
}

export async function detect(homes: Homes, request: DetectRequest, log: Logger): Promise<Item[]> {
  const items: Item[] = [];
  if (request.includeHome) {
    items.push(...offered(homeScope(homes), log));
    const sessions = await findSessions(homes.home, homes.codexHome, request);
    if (sessions.length > 0) {
      items.push({
        itemType: 'SESSIONS',
        description: `Migrate recent sessions from ${sessionFolder(homes.home)}`,
        cwd: null,
        details: detailsOf({ sessions: sessions.map(({ file, cwd, title }) => ({ path: file, cwd, title })) }),
      });
    }
  }
  const seen = new Set<string | null>();
  for (const cwd of request.cwds) {
    const scope = repositoryScope(cwd, homes);
    if (scope === null || seen.has(scope.cwd)) continue;
    seen.add(scope.cwd);
    items.push(...offered(scope, log));
  }
  return items;
}

/** A kind whose target cannot be read (a broken config.toml) is not offered; the log says why. */
function offered(scope: Scope, log: Logger): Item[] {
  return KINDS.flatMap((kind) => {
    try {
      const found = kind.detect(scope);
      if (found === null) return [];
      const { description, details } = found;
      return [{ itemType: kind.itemType, description, cwd: scope.cwd, details }];
    } catch (error) {
      log.warn(`nothing of ${kind.itemType} is offered for import: ${messageOf(error)}`);
      return [];
    }
  });
}
