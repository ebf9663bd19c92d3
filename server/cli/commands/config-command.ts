/** `codexd config`: shows and checks the configuration for people, administrators and editors. */
import { STRICT_CONFIG, type CommandSpec, type OptionSpec } from '../options/command-spec.js';

const CWD: OptionSpec = {
  long: 'cwd',
  value: 'DIR',
  nonEmpty: true,
  help: 'The folder whose projects count (default: the current one)',
};
const JSON_OUTPUT: OptionSpec = { long: 'json', help: 'Print JSON' };

const SCHEMA: CommandSpec = {
  name: 'schema',
  about: 'Print the JSON Schema of config.toml, or of requirements.toml, for editors',
  details:
    'Editors with taplo (Even Better TOML in VS Code) use it when the first line of the file names it:\n  codexd config schema > ~/.codex/config.schema.json\n  #:schema ./config.schema.json',
  options: [{ long: 'requirements', help: 'The schema of requirements.toml' }],
  run: async (parsed) => (await import('../run/run-config.js')).printSchema(parsed),
};

const SHOW: CommandSpec = {
  name: 'show',
  about: 'Print the configuration, one key a line, without secrets',
  details:
    'Without --effective: what files and options say. With it: what a thread that starts now gets, with defaults, and with what the requirements put in the place of values that they do not allow.',
  options: [
    { long: 'effective', help: 'With defaults, and after the requirements had their say' },
    { long: 'origins', help: 'Say behind each value which file, option or requirement it comes from' },
    JSON_OUTPUT,
    CWD,
    STRICT_CONFIG,
  ],
  run: async (parsed) => (await import('../run/run-config.js')).showConfiguration(parsed),
};

const CHECK: CommandSpec = {
  name: 'check',
  about: 'Look for mistakes in all files: config.toml of the system, user and projects, requirements, rules',
  details:
    'Prints one line for each, with its place and the way out. Exits with 1 when there is an error; with --strict-config also for unknown keys.',
  options: [JSON_OUTPUT, CWD, STRICT_CONFIG],
  run: async (parsed) => (await import('../run/run-config.js')).checkFiles(parsed),
};

export const CONFIG: CommandSpec = {
  name: 'config',
  about: 'Check and show the configuration, and describe its files to editors',
  options: [],
  subcommands: [CHECK, SHOW, SCHEMA],
};
