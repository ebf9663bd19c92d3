/** A home, and a marketplace with a plugin that has a skill, a server and a hook. */
import fs from 'node:fs';
import path from 'node:path';
import { createConfigService, type ConfigService } from '../../server/config/settings/config-service.js';

export interface PluginScene {
  readonly home: string;
  readonly work: string;
  /** The folder of the marketplace `team`, and its file. */
  readonly market: string;
  readonly marketFile: string;
  /** The files of the plugin `sample` in it. */
  readonly plugin: string;
  readonly source: ConfigService;
  /** As the configuration is now. */
  config(): ReturnType<ConfigService['resolve']>;
  /** Relative to the root of the scene. */
  write(files: Readonly<Record<string, string | object>>): void;
}

export const HOOKS = {
  hooks: { UserPromptSubmit: [{ hooks: [{ type: 'command', command: 'cat ${CLAUDE_PLUGIN_ROOT}/said.txt' }] }] },
};

/** A marketplace in `folder`, with one plugin: the text of each file. */
export const marketFiles = (folder: string, name: string): Readonly<Record<string, string | object>> => ({
  [`${folder}/.agents/plugins/marketplace.json`]: {
    name,
    interface: { displayName: 'Team' },
    plugins: [{ name: 'sample', source: { source: 'local', path: './plugins/sample' }, category: 'Work' }],
  },
  [`${folder}/plugins/sample/.codex-plugin/plugin.json`]: {
    name: 'sample',
    version: '1.0.0',
    description: 'A sample',
    keywords: ['one'],
    interface: { displayName: 'Sample', logo: './logo.png', defaultPrompt: ['a', 'b', 'c', 'd'] },
  },
  [`${folder}/plugins/sample/logo.png`]: 'x',
  [`${folder}/plugins/sample/said.txt`]: 'from the plugin',
  [`${folder}/plugins/sample/skills/hello/SKILL.md`]: '---\nname: hello\ndescription: Says hello\n---\nHello\n',
  [`${folder}/plugins/sample/.mcp.json`]: {
    mcpServers: { demo: { command: './server.mjs', args: ['${PLUGIN_ROOT}'] } },
  },
  [`${folder}/plugins/sample/hooks/hooks.json`]: HOOKS,
});

/** Each file by its path below `root`; an object is written as JSON. */
export function writeFiles(root: string, files: Readonly<Record<string, string | object>>): void {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(root, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, typeof text === 'string' ? text : JSON.stringify(text));
  }
}

/** `root`: an empty folder. `config`: of the home. */
export function pluginScene(root: string, config = ''): PluginScene {
  const real = fs.realpathSync(root);
  const [home, work, market, etc] = ['home', 'work', 'market', 'etc'].map((name) => path.join(real, name)) as [
    string,
    string,
    string,
    string,
  ];
  const write: PluginScene['write'] = (files) => writeFiles(real, files);
  for (const folder of [home, work, etc]) fs.mkdirSync(folder, { recursive: true });
  write({
    'home/config.toml': config,
    ...marketFiles('market', 'team'),
  });
  const env = { CODEXD_SYSTEM_CONFIG_DIR: etc, HOME: path.join(real, 'user') };
  const service = (): ConfigService => createConfigService({ codexHome: home, cwd: work, env });
  return {
    home,
    work,
    market,
    marketFile: path.join(market, '.agents', 'plugins', 'marketplace.json'),
    plugin: path.join(market, 'plugins', 'sample'),
    source: service(),
    // A service of its own: the files have just changed.
    config: () => service().resolve(),
    write,
  };
}

/** `[plugins."sample@team"]`, with the files where an installation puts them. */
export function installedScene(root: string, config = '[plugins."sample@team"]\nenabled = true\n'): PluginScene {
  const scene = pluginScene(root, config);
  fs.cpSync(scene.plugin, path.join(scene.home, 'plugins', 'cache', 'team', 'sample', '1.0.0'), { recursive: true });
  return scene;
}
