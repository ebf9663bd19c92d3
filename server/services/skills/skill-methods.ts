/** skills/list, skills/extraRoots/set, skills/config/write (docs/protocol/services.md §5). */
import path from 'node:path';
import type { RequestResult } from '../../../schema/registry.js';
import type { ConfigService } from '../../config/settings/config-service.js';
import { writeConfig } from '../../config/write/write-config.js';
import { defineMethods } from '../../rpc/connection/define-methods.js';
import { invalidParams } from '../../errors/rpc-error.js';
import type { Outbox } from '../../sessions/live/outbox.js';
import { activePlugins } from '../../plugins/active-plugins.js';
import { pluginSkillRoots } from '../../plugins/plugin-skills.js';
import { isEnabled, skillEntries, skillsOf } from '../../skills/configured.js';

export interface SkillDeps {
  readonly codexHome: string;
  readonly source: ConfigService;
  readonly outbox: Outbox;
}

export const skillMethods = defineMethods((deps: SkillDeps) => {
  const { source, outbox } = deps;
  /** Kept until the daemon ends. */
  let extraRoots: readonly string[] = [];
  let writing: Promise<unknown> = Promise.resolve();
  return {
    // Skills are read at every request. `forceReload` has no effect, because there is no cache.
    'skills/list': ({ cwds }) => {
      const asked = cwds.length === 0 ? [source.sources.cwd] : cwds;
      return { data: asked.map((cwd) => listFor(cwd, deps, extraRoots)) };
    },
    'skills/extraRoots/set': (params, _caller, { afterAnswer }) => {
      extraRoots = params.extraRoots;
      afterAnswer(() => outbox.broadcast('skills/changed', {}));
      return {};
    },
    'skills/config/write': async ({ path: file, name, enabled }) => {
      const chosen = choose(file ?? null, name ?? null);
      const next = writing.then(() => switchSkill(source, chosen, enabled));
      writing = next.catch(() => undefined); // The caller handles the rejection.
      await next;
      return { effectiveEnabled: enabled };
    },
  };
});

type Entry = RequestResult<'skills/list'>['data'][number];

function listFor(asked: string, { codexHome, source }: SkillDeps, extraRoots: readonly string[]): Entry {
  const cwd = path.resolve(source.sources.cwd, asked);
  const config = source.resolve(cwd);
  const { table } = config.effective;
  const pluginRoots = pluginSkillRoots(activePlugins(config));
  const { skills, errors } = skillsOf({ cwd, table, codexHome, home: source.sources.home, extraRoots, pluginRoots });
  return {
    cwd: asked,
    skills: skills.map((skill) => ({
      name: skill.name,
      description: skill.description,
      ...(skill.shortDescription === null ? {} : { shortDescription: skill.shortDescription }),
      path: skill.path,
      scope: skill.scope,
      enabled: isEnabled(skill, table),
      pluginId: skill.pluginId,
    })),
    errors: [...errors],
  };
}

interface Chosen {
  readonly key: 'path' | 'name';
  readonly value: string;
}

function choose(file: string | null, name: string | null): Chosen {
  const given = name?.trim() === '' ? null : name;
  if ((file === null) === (given === null)) {
    throw invalidParams('skills/config/write requires exactly one of path or name');
  }
  return file === null ? { key: 'name', value: given ?? '' } : { key: 'path', value: file };
}

/** An enabled skill has no entry. Throws RpcError. */
async function switchSkill(source: ConfigService, { key, value }: Chosen, enabled: boolean): Promise<void> {
  const user = source.resolve().effective.layers.find(({ name }) => name.type === 'user');
  const before = user === undefined ? [] : skillEntries(user.table);
  const others = before.filter((entry) => entry[key] !== value);
  if (enabled && others.length === before.length) return;
  if (!enabled && before.some((entry) => entry[key] === value && entry.enabled === false)) return;
  const after = enabled ? others : [...others, { [key]: value, enabled: false }];
  await writeConfig(source, {
    edits: [{ keyPath: 'skills.config', value: after.length === 0 ? null : after, mergeStrategy: 'replace' }],
    filePath: null,
    expectedVersion: null,
  });
}
