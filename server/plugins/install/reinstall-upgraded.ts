/** Plugins that are installed follow their marketplace when it is brought up to date. */
import type { RequestResult } from '../../../schema/registry.js';
import type { ConfigService } from '../../config/settings/config-service.js';
import { tableAt } from '../../config/toml/value.js';
import { messageOf } from '../../errors/message-of.js';
import type { Marketplace } from '../market/market-file.js';
import { installPlugin } from './install-plugin.js';
import { pluginId } from '../plugin-id.js';
import { installedVersion } from '../plugin-places.js';

type Failures = RequestResult<'marketplace/upgrade'>['errors'];

/** Why some stay as they are. One that is off stays off, and as it is. Never throws. */
export async function reinstallUpgraded(source: ConfigService, markets: readonly Marketplace[]): Promise<Failures> {
  const failures: Failures = [];
  for (const market of markets) {
    for (const offered of market.plugins) {
      const id = pluginId(offered.name, market.name);
      const { enabled } = tableAt(tableAt(source.resolve().effective.table, 'plugins'), id.id);
      if (enabled !== true || installedVersion(source.sources.codexHome, id) === null) continue;
      try {
        await installPlugin(source, { market, offered });
      } catch (error) {
        failures.push({ marketplaceName: market.name, message: `plugin ${id.id} stays as it is: ${messageOf(error)}` });
      }
    }
  }
  return failures;
}
