/** One plugin of a marketplace, as clients name it. The words are the official program's. */
import { invalidRequest, internalError } from '../../errors/rpc-error.js';
import { isFolder } from '../../system/files/look.js';
import { pluginNameFault } from '../plugin-id.js';
import { marketOf, type Marketplace, type OfferedPlugin } from './market-file.js';

export interface FoundPlugin {
  readonly market: Marketplace;
  readonly offered: OfferedPlugin;
}

/** Throws RpcError. `file`: the path of a marketplace.json. */
export function findPlugin(file: string, name: string): FoundPlugin {
  if (isFolder(file)) throw internalError(`failed to read marketplace file: ${file} is a folder`);
  const read = marketOf(file);
  if (read === null) throw invalidRequest(`marketplace file \`${file}\` does not exist`);
  if ('fault' in read) throw invalidRequest(read.fault);
  const fault = pluginNameFault(name);
  if (fault !== null) throw invalidRequest(fault);
  const offered = read.market.plugins.find((one) => one.name === name);
  if (offered === undefined)
    throw invalidRequest(`plugin \`${name}\` was not found in marketplace \`${read.market.name}\``);
  return { market: read.market, offered };
}
