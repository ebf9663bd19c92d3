import { createFeatureSwitches } from '../feature-switches.js';
import { readConfig } from './config-read.js';
import { readConfigRequirements } from './config-requirements-read.js';
import type { HandlerTable } from '../../rpc/caller.js';
import type { ConfigSource } from '../settings-source.js';

export interface ConfigHandlerDeps {
  readonly source: ConfigSource;
}

/** The methods of the configuration family. Makes nothing but closures: safe before `initialize`. */
export function configHandlers({ source }: ConfigHandlerDeps): HandlerTable {
  const switches = createFeatureSwitches();
  return {
    'config/read': (params) => readConfig(source, switches, params),
    'configRequirements/read': () => readConfigRequirements(source),
  };
}
