import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createConfigService } from '../../server/config/settings/config-service.js';
import type { FileReader } from '../../server/config/layers/config-file.js';
import type { ConfigService } from '../../server/config/settings/config-service.js';
import type { CommandLineConfig } from '../../server/config/layers/overrides.js';

/** A Codex home, a system folder and a project of their own, with a source that reads them. */
export interface TestHome {
  readonly root: string;
  readonly home: string;
  readonly system: string;
  readonly work: string;
  readonly source: ConfigService;
  /** Writes `home/config.toml`; a function of the home's folders where the text needs their paths. */
  config(text: string): void;
  systemFile(name: 'config.toml' | 'managed_config.toml' | 'requirements.toml', text: string | null): void;
  /** Another source on the same files, as a second daemon has it. */
  another(commandLine?: Partial<CommandLineConfig>, read?: FileReader): ConfigService;
}

export function makeHome(
  t: { teardown(fn: () => void): unknown },
  options: { readonly config?: string; readonly flags?: Partial<CommandLineConfig> } = {},
): TestHome {
  const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'codexd-config-')));
  t.teardown(() => fs.rmSync(root, { recursive: true, force: true }));
  const [home, system, work, user] = ['home', 'system', 'work', 'user'].map((name) => path.join(root, name)) as [
    string,
    string,
    string,
    string,
  ];
  for (const folder of [home, system, work, user]) fs.mkdirSync(folder);
  fs.mkdirSync(path.join(work, '.git'));
  fs.writeFileSync(path.join(work, '.git', 'HEAD'), 'ref: refs/heads/main\n');
  const another = (flags: Partial<CommandLineConfig> = {}, read?: FileReader): ConfigService =>
    createConfigService({
      codexHome: home,
      ...(read === undefined ? {} : { read }),
      commandLine: { overrides: [], enable: [], disable: [], ...flags },
      cwd: work,
      env: { HOME: user, CODEXD_SYSTEM_CONFIG_DIR: system },
    });
  const file = path.join(home, 'config.toml');
  if (options.config !== undefined) fs.writeFileSync(file, options.config);
  return {
    root,
    home,
    system,
    work,
    source: another(options.flags),
    config: (text) => fs.writeFileSync(file, text),
    systemFile(name, text) {
      if (text === null) fs.rmSync(path.join(system, name), { force: true });
      else fs.writeFileSync(path.join(system, name), text);
    },
    another,
  };
}
