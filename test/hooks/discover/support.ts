/** Hooks that are written in a home of their own. */
import fs from 'node:fs';
import path from 'node:path';
import { createConfigService } from '../../../server/config/settings/config-service.js';
import { discoverHooks, type Discovery, type HookSet } from '../../../server/hooks/discover/discover-hooks.js';
import { NO_OVERRIDES, type CommandLineConfig } from '../../../server/config/layers/overrides.js';

export interface Written {
  /** By path: below `home/`, `work/` (a project) or `etc/` (the administrator's). */
  readonly files: Readonly<Record<string, string>>;
  readonly flags?: Partial<CommandLineConfig>;
  readonly options?: Discovery;
}

export interface Place {
  readonly home: string;
  readonly work: string;
  readonly etc: string;
  /** Writes files, and reads the hooks of `work`. */
  hooks(written: Written): HookSet;
}

/** `root`: an empty folder. */
export function placeIn(root: string): Place {
  const [home, work, etc] = ['home', 'work', 'etc'].map((name) => path.join(root, name)) as [string, string, string];
  for (const folder of [home, path.join(work, '.git'), etc]) fs.mkdirSync(folder, { recursive: true });
  return {
    home,
    work,
    etc,
    hooks({ files, flags, options }) {
      for (const [name, text] of Object.entries(files)) {
        const file = path.join(root, name);
        fs.mkdirSync(path.dirname(file), { recursive: true });
        fs.writeFileSync(file, text);
      }
      const env = { CODEXD_SYSTEM_CONFIG_DIR: etc, HOME: root };
      const source = createConfigService({
        codexHome: home,
        cwd: work,
        env,
        commandLine: { ...NO_OVERRIDES, ...flags },
      });
      return discoverHooks(source.resolve(work), options);
    },
  };
}

/** A hooks.json with commands for one event, each in a group of its own. */
export const json = (event: string, ...commands: readonly string[]): string =>
  JSON.stringify({ hooks: { [event]: commands.map((command) => ({ hooks: [{ type: 'command', command }] })) } });

/** The same as TOML, one command. */
export const toml = (event: string, command: string): string =>
  `[[hooks.${event}]]\n[[hooks.${event}.hooks]]\ntype = "command"\ncommand = ${JSON.stringify(command)}\n`;

export const trusts = (folder: string): string => `[projects.${JSON.stringify(folder)}]\ntrust_level = "trusted"\n`;

export const state = (key: string, content: string): string => `[hooks.state.${JSON.stringify(key)}]\n${content}\n`;

/** `[command, source, displayOrder]` of each. */
export const rows = ({ hooks }: HookSet): readonly unknown[] =>
  hooks.map((hook) => [hook.handlerType === 'command' ? hook.command : hook.key, hook.source, hook.displayOrder]);
