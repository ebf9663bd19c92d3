/** Where the skills of plugins lie (docs/protocol/services.md §10 "Skills"). */
import type { SkillRoot } from '../skills/discover.js';
import type { ActivePlugin } from './active-plugins.js';
import { folderInside } from './inside.js';

/** Skills that the official program makes of a plugin's commands when it installs the plugin. */
const OF_COMMANDS = '.codex-plugin/migrated-command-skills';
const USUAL = 'skills';

/** Only folders that no link leads to; those that are missing are left out. */
export function pluginSkillRoots(
  plugins: readonly Pick<ActivePlugin, 'id' | 'name' | 'root' | 'manifest'>[],
): readonly SkillRoot[] {
  return plugins.flatMap(({ id, name, root, manifest }) =>
    [...(manifest.skills ?? [USUAL]), OF_COMMANDS].flatMap((written): SkillRoot[] => {
      const folder = folderInside(root, written);
      return folder === null ? [] : [{ folder, scope: 'user', plugin: { id, name } }];
    }),
  );
}
