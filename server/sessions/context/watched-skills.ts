/** Watches the skills of the loaded threads (skills/skill-watch.ts). */
import os from 'node:os';
import type { Logger } from '../../log/log.js';
import { pluginSkillRoots } from '../../plugins/plugin-skills.js';
import { skillRoots } from '../../skills/configured.js';
import { createSkillWatch, type SkillWatch } from '../../skills/skill-watch.js';
import type { LiveThreads } from '../live/live-threads.js';
import type { Outbox } from '../live/outbox.js';

export interface WatchedSkills {
  readonly codexHome: string;
  readonly threads: () => LiveThreads;
  readonly outbox: Pick<Outbox, 'broadcast'>;
  readonly log: Logger;
}

/** It watches nothing until its first `look`. */
export const watchSkills = ({ codexHome, threads, outbox, log }: WatchedSkills): SkillWatch =>
  createSkillWatch({
    roots: () => {
      const loaded = threads();
      const roots = [...loaded.ids()].flatMap((id) => {
        const state = loaded.get(id)?.state;
        if (state === undefined) return [];
        const { wire, table, plugins } = state;
        const place = { cwd: wire.cwd, table, codexHome, home: os.homedir(), pluginRoots: pluginSkillRoots(plugins) };
        return skillRoots(place).map(({ folder }) => folder);
      });
      return [...new Set(roots)];
    },
    onChange: () => outbox.broadcast('skills/changed', {}),
    log,
  });
