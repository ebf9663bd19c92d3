/** The hooks that are configured for a folder: in `hooks.json` and in config.toml (docs/protocol/services.md §6). */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { messageOf } from '../../errors/message-of.js';
import { osCode } from '../../errors/os-code.js';
import { readWhole, withFile } from '../../system/files/open-file.js';
import type { HookMetadata } from '../../../schema/protocol/services/hooks.js';
import type { HooksListEntry } from '../../../schema/protocol/services/hooks.js';
import type { Layer } from '../../config/layers/layer.js';
import type { ResolvedConfig } from '../../config/settings/resolved-config.js';
import { HOOK_EVENTS } from '../../config/shape/service-shape.js';
import { tableAt, toJson, type TomlTable } from '../../config/toml/value.js';
import { isObject } from '../../system/node/objects.js';

type EventName = (typeof HOOK_EVENTS)[number];

/** Only events about a tool have a matcher. */
const MATCHED: readonly EventName[] = ['PreToolUse', 'PermissionRequest', 'PostToolUse'];
/** Seconds. */
const DEFAULT_TIMEOUT = 600;

/** What was found, in the order of `hooks/list`. */
export type DiscoveredHooks = Pick<HooksListEntry, 'hooks' | 'warnings' | 'errors'>;

export function discoverHooks({ effective: { layers, table } }: ResolvedConfig): DiscoveredHooks {
  const errors: DiscoveredHooks['errors'] = [];
  const declared = [...layers]
    .reverse()
    .filter(({ disabledReason }) => disabledReason === null)
    .flatMap((layer) => declarations(layer, errors));
  const state = tableAt(tableAt(table, 'hooks'), 'state');
  const hooks = HOOK_EVENTS.flatMap((event) => declared.flatMap((from) => hooksOf(event, from, state))).map(
    (hook, displayOrder) => ({ ...hook, displayOrder }),
  );
  return { hooks, warnings: [], errors };
}

/** In bytes. People write hooks by hand, so files are short. */
const MAX_HOOKS = 256 * 1024;

/** The declarations of one file: event name → groups. */
interface Declaration {
  readonly file: string;
  readonly source: HookMetadata['source'];
  readonly groups: Readonly<Record<string, unknown>>;
}

function declarations({ name, file, table }: Layer, errors: DiscoveredHooks['errors']): Declaration[] {
  if (name.type !== 'user' && name.type !== 'project' && name.type !== 'system') return [];
  const config =
    file?.path ?? path.join(name.type === 'project' ? name.dotCodexFolder : path.dirname(name.file), 'config.toml');
  const found: Declaration[] = [];
  const json = path.join(path.dirname(config), 'hooks.json');
  try {
    const groups = (
      JSON.parse(withFile(json, (opened) => readWhole(opened, MAX_HOOKS)).toString()) as { hooks?: unknown } | null
    )?.hooks;
    if (isObject(groups)) found.push({ file: json, source: name.type, groups });
  } catch (error) {
    const code = osCode(error);
    if (code !== 'ENOENT' && code !== 'ENOTDIR') errors.push({ path: json, message: messageOf(error) });
  }
  const inline = toJson(tableAt(table, 'hooks'));
  if (isObject(inline)) found.push({ file: config, source: name.type, groups: inline });
  return found;
}

function hooksOf(event: EventName, { file, source, groups }: Declaration, state: TomlTable): HookMetadata[] {
  const snake = event.replace(/(?<!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
  return list(groups[event]).flatMap((group, groupIndex) => {
    if (!isObject(group)) return [];
    const matcher = MATCHED.includes(event) && typeof group.matcher === 'string' ? group.matcher : null;
    return list(group.hooks).flatMap((hook, index): HookMetadata[] => {
      if (!isObject(hook) || hook.type !== 'command' || typeof hook.command !== 'string') return [];
      const key = `${file}:${snake}:${groupIndex}:${index}`;
      const timeoutSec = typeof hook.timeout === 'number' ? hook.timeout : DEFAULT_TIMEOUT;
      const statusMessage = typeof hook.statusMessage === 'string' ? hook.statusMessage : null;
      const currentHash = hashOf({ snake, matcher, hook, timeoutSec, statusMessage });
      const known = tableAt(state, key);
      return [
        {
          key,
          eventName: (event.charAt(0).toLowerCase() + event.slice(1)) as HookMetadata['eventName'],
          handlerType: 'command',
          command: hook.command,
          async: hook.async === true,
          matcher,
          timeoutSec,
          statusMessage,
          additionalContextLimit: typeof hook.additionalContextLimit === 'number' ? hook.additionalContextLimit : null,
          sourcePath: file,
          source,
          pluginId: null,
          environmentId: null,
          displayOrder: 0,
          enabled: known.enabled !== false,
          isManaged: false,
          currentHash,
          trustStatus:
            typeof known.trusted_hash !== 'string'
              ? 'untrusted'
              : known.trusted_hash === currentHash
                ? 'trusted'
                : 'modified',
        },
      ];
    });
  });
}

interface Hashed {
  readonly snake: string;
  readonly matcher: string | null;
  readonly hook: Readonly<Record<string, unknown>>;
  readonly timeoutSec: number;
  readonly statusMessage: string | null;
}

/**
 * A hash of one handler with sorted members. The place of the handler does not count (docs/protocol/services.md §6).
 */
function hashOf({ snake, matcher, hook, timeoutSec, statusMessage }: Hashed): string {
  const text = JSON.stringify({
    event_name: snake,
    hooks: [
      {
        async: hook.async === true,
        command: hook.command,
        ...(statusMessage === null ? {} : { statusMessage }),
        timeout: timeoutSec,
        type: 'command',
      },
    ],
    ...(matcher === null ? {} : { matcher }),
  });
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
