/** The actions of `codexd features`. */
import path from 'node:path';
import { commandLineConfig } from '../options/app-server-options.js';
import type { ParsedCommand } from '../options/command-spec.js';
import { print } from '../output/print.js';
import { StartError } from '../../errors/start-error.js';
import { resolveCodexHome } from '../../config/settings/codex-home.js';
import { createFeatureSwitches } from '../../config/settings/feature-switches.js';
import { feature, features, type FeatureStage } from '../../config/shape/features.js';
import { problemText } from '../../config/layers/config-problem.js';
import { createConfigService, type ConfigService } from '../../config/settings/config-service.js';
import { isTable, tableAt } from '../../config/toml/value.js';
import { writeConfig } from '../../config/write/write-config.js';

const STAGES: Readonly<Record<FeatureStage, string>> = {
  beta: 'experimental',
  underDevelopment: 'under development',
  stable: 'stable',
  removed: 'removed',
  deprecated: 'deprecated',
};

export function listFeatures(parsed: ParsedCommand): number {
  const source = openSource(parsed);
  const { effective, problem } = source.resolve(source.sources.cwd);
  if (problem !== null) throw new StartError(problemText(effective, problem).trimEnd());
  const switches = createFeatureSwitches();
  const rows = [...features()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const width = Math.max(...rows.map(({ name }) => name.length));
  const stageWidth = Math.max(...Object.values(STAGES).map((stage) => stage.length));
  print(
    rows
      .map(({ name, stage }) => {
        const on = switches.enabled(name, effective.table, source);
        return `${name.padEnd(width)}  ${STAGES[stage].padEnd(stageWidth)}  ${on}\n`;
      })
      .join(''),
  );
  return 0;
}

/** Writes config.toml as `config/value/write` does: one writer at a time, comments kept. */
export async function switchFeature(parsed: ParsedCommand, on: boolean): Promise<number> {
  const [name = ''] = parsed.trailing;
  const known = feature(name);
  if (known === undefined) throw new StartError(`Unknown feature flag: ${name}`);
  const source = openSource(parsed);
  const user = source.resolve().effective.layers.find((layer) => layer.name.type === 'user');
  const old = user === undefined ? undefined : tableAt(user.table, 'features')[name];
  // A feature with a table of settings keeps the table.
  const keyPath = `features."${name}"${isTable(old) ? '.enabled' : ''}`;
  const { overriddenMetadata } = await writeConfig(source, {
    edits: [{ keyPath, value: on, mergeStrategy: 'upsert' }],
    filePath: null,
    expectedVersion: null,
  }).catch((error: Error) => {
    throw new StartError(error.message.trimEnd());
  });
  print(`${on ? 'Enabled' : 'Disabled'} feature \`${name}\` in config.toml.\n`);
  if (overriddenMetadata !== null) warn(overriddenMetadata.message);
  if (on && known.stage === 'underDevelopment')
    warn(`\`${name}\` is under development: it may change, and may not work.`);
  if (known.stage === 'removed') warn(`\`${name}\` has been removed: the switch does nothing.`);
  return 0;
}

const warn = (text: string): void => void process.stderr.write(`warning: ${text}\n`);

function openSource(parsed: ParsedCommand): ConfigService {
  return createConfigService({ codexHome: path.resolve(resolveCodexHome()), commandLine: commandLineConfig(parsed) });
}
