/** HOOKS: commands at points of a turn, with their scripts. They run once a person trusts them. */
import path from 'node:path';
import { isObject } from '../../system/node/objects.js';
import { chosen, detailsOf, named, type Kind } from './kind.js';
import { objectAt, settingsOf } from './settings.js';
import { filesBelow, readSource } from './source-files.js';
import { isTaken, partsBelow, writeNew } from './target-files.js';
import type { Scope } from './scope.js';

/** The points that both agents have. */
const EVENTS = [
  'PreToolUse',
  'PostToolUse',
  'PermissionRequest',
  'UserPromptSubmit',
  'SessionStart',
  'SessionEnd',
  'Stop',
  'SubagentStart',
  'SubagentStop',
  'PreCompact',
  'PostCompact',
] as const;

type Group = Readonly<Record<string, unknown>>;

/** By event, in the order of their names. */
function groupsOf(scope: Scope): ReadonlyMap<string, readonly Group[]> {
  const settings = settingsOf(scope);
  const found = new Map<string, readonly Group[]>();
  if (settings.disableAllHooks === true) return found;
  const hooks = objectAt(settings, 'hooks');
  for (const event of [...EVENTS].sort()) {
    const listed = hooks[event];
    const groups = Array.isArray(listed) ? listed.flatMap((group) => groupOf(scope, group)) : [];
    if (groups.length > 0) found.set(event, groups);
  }
  return found;
}

/** Only commands: hooks of other types are not of this agent. */
function groupOf(scope: Scope, group: unknown): Group[] {
  if (!isObject(group) || !Array.isArray(group['hooks'])) return [];
  const { matcher } = group;
  const hooks = group['hooks'].flatMap((hook: unknown) => {
    if (!isObject(hook) || typeof hook['command'] !== 'string') return [];
    if (hook['type'] !== undefined && hook['type'] !== 'command') return [];
    const { timeout } = hook;
    const command = movedScripts(hook['command'], scope);
    return [{ type: 'command', command, ...(typeof timeout === 'number' ? { timeout } : {}) }];
  });
  if (hooks.length === 0) return [];
  return [{ ...(typeof matcher === 'string' && matcher !== '' ? { matcher } : {}), hooks }];
}

/** Scripts in the other agent's folder of hooks, at their new place; quoted, since a place can have blanks. */
function movedScripts(command: string, { base, source, hookFiles }: Scope): string {
  const folders = [`$CLAUDE_PROJECT_DIR/.claude/hooks/`, '${CLAUDE_PROJECT_DIR}/.claude/hooks/', '~/.claude/hooks/'];
  let moved = command;
  for (const folder of [...folders, `${path.join(source, 'hooks')}${path.sep}`]) {
    const pattern = new RegExp(`(["']?)${escaped(folder)}([\\w./-]+)\\1`, 'g');
    // eslint-disable-next-line codexd/path-texts -- of a command line, in the words of sh
    moved = moved.replace(pattern, (_all, _quote, rest: string) => quoted(path.join(hookFiles, ...rest.split('/'))));
  }
  return moved.replaceAll('$CLAUDE_PROJECT_DIR', quoted(base)).replaceAll('${CLAUDE_PROJECT_DIR}', quoted(base));
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

export const hooksKind: Kind = {
  itemType: 'HOOKS',
  detect(scope) {
    const events = isTaken(scope.hooks) ? [] : [...groupsOf(scope).keys()];
    if (events.length === 0) return null;
    const description = `Migrate hooks from ${scope.source} to ${scope.hooks}`;
    return { description, details: detailsOf({ hooks: named(events) }) };
  },
  import(scope, details) {
    if (isTaken(scope.hooks)) return [];
    const groups = groupsOf(scope);
    const events = chosen([...groups.keys()], details?.hooks);
    if (events.length === 0) return [];
    const root = scope.confined ?? path.dirname(scope.hooks);
    copyScripts(scope, root);
    const hooks = Object.fromEntries(events.map((event) => [event, groups.get(event)]));
    // Somebody else was faster: nothing of theirs is replaced.
    if (!writeNew(root, partsBelow(root, scope.hooks), `${JSON.stringify({ hooks }, null, 2)}\n`)) return [];
    return events.map((event) => [event, event] as const);
  },
};

function copyScripts(scope: Scope, root: string): void {
  const folder = path.join(scope.source, 'hooks');
  for (const parts of filesBelow(scope, folder)) {
    const content = readSource(scope, path.join(folder, ...parts));
    if (content !== null) writeNew(root, [...partsBelow(root, scope.hookFiles), ...parts], content);
  }
}
