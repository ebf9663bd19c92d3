/**
 * A daemon that writes: `node writer.js HOME NAME COUNT` makes COUNT writes to its own keys and one shared counter,
 * each through the code of config/value/write, and prints what was refused.
 */
import { createConfigService } from '../../../server/config/settings/config-service.js';
import { valueAt } from '../../../server/config/toml/value.js';
import { writeConfig } from '../../../server/config/write/write-config.js';

const [home = '', name = '', count = '0'] = process.argv.slice(2);
const source = createConfigService({
  codexHome: home,
  cwd: home,
  env: { HOME: home, CODEXD_SYSTEM_CONFIG_DIR: home },
});

for (let i = 0; i < Number(count); i++) {
  await write(`desktop.${name}.k${i}`, i, null);
  // Compare and set: of two writers with the same version exactly one gets through.
  for (;;) {
    const { effective } = source.resolve();
    const user = effective.layers.find((layer) => layer.name.type === 'user');
    const { layerVersion } = await import('../../../server/config/toml/layer-version.js');
    const counter = valueAt(effective.table, ['desktop', 'counter']);
    const version = user === undefined ? null : layerVersion(user.table);
    if (await write('desktop.counter', (typeof counter === 'number' ? counter : 0) + 1, version)) break;
  }
}

async function write(keyPath: string, value: unknown, expectedVersion: string | null): Promise<boolean> {
  try {
    await writeConfig(source, {
      edits: [{ keyPath, value, mergeStrategy: 'replace' }],
      filePath: null,
      expectedVersion,
    });
    return true;
  } catch (error) {
    const code = (error as { data?: { config_write_error_code?: string } }).data?.config_write_error_code;
    if (code === 'configVersionConflict') return false;
    process.stdout.write(`${(error as Error).message}\n`);
    process.exit(1);
  }
}
