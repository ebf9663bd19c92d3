/** `codexd config`: the configuration for people and editors. */
import { print } from './print.js';
import { isGiven, valueOf, type CommandSpec, type ParsedCommand } from './command-spec.js';
import { commandLineConfig } from './app-server-options.js';

const SCHEMA: CommandSpec = {
  name: 'schema',
  about: 'Print the JSON Schema of config.toml, for editors',
  options: [],
  async run() {
    const { configJsonSchema } = await import('../config/shape/json-schema.js');
    print(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
    return 0;
  },
};

const SHOW: CommandSpec = {
  name: 'show',
  about: 'Print the effective configuration, one key a line',
  options: [
    { long: 'origins', help: 'Say behind each value which file or option it comes from' },
    { long: 'cwd', value: 'DIR', nonEmpty: true, help: 'The folder whose projects count (default: the current one)' },
  ],
  run: show,
};

export const CONFIG: CommandSpec = {
  name: 'config',
  about: 'Show the configuration, and describe config.toml to editors',
  options: [],
  subcommands: [SHOW, SCHEMA],
};

async function show(parsed: ParsedCommand): Promise<number> {
  const [{ resolveCodexHome }, { createSettingsSource }, { showConfig }, { checkStartup }] = await Promise.all([
    import('../config/codex-home.js'),
    import('../config/settings-source.js'),
    import('../config/show-config.js'),
    import('../config/startup.js'),
  ]);
  const source = createSettingsSource({ codexHome: resolveCodexHome(), commandLine: commandLineConfig(parsed) });
  const cwd = valueOf(parsed, 'cwd') ?? process.cwd();
  print(showConfig(source, { cwd, origins: isGiven(parsed, 'origins') }));
  for (const { summary, details } of checkStartup(source).warnings) {
    process.stderr.write(`warning: ${summary}${details ? `\n${details}` : ''}\n`);
  }
  return 0;
}
