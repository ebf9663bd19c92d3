import type { HandlerTable } from '../rpc/caller.js';
import type { ConfigSource, ConfigSourceOptions } from './settings-source.js';

/** The configuration family as app.ts holds it: nothing is loaded or read before it is needed. */
export interface ConfigService {
  /** The source, made on first use. Rejects with ConfigError when the command line cannot be understood. */
  source(): Promise<ConfigSource>;
  readonly handlers: HandlerTable;
}

/** Costs nothing: start-up answers `initialize` without the code below server/config. */
export function openConfig(options: ConfigSourceOptions): ConfigService {
  let source: Promise<ConfigSource> | undefined;
  const service = {
    source: () => (source ??= import('./settings-source.js').then((module) => module.createSettingsSource(options))),
  };
  let loaded: Promise<HandlerTable> | undefined;
  const handlers = (): Promise<HandlerTable> => (loaded ??= loadHandlers(service.source));
  return {
    ...service,
    handlers: {
      'config/read': async (...call) => (await handlers())['config/read']?.(...call) ?? missing(),
      'configRequirements/read': async (...call) =>
        (await handlers())['configRequirements/read']?.(...call) ?? missing(),
    },
  };
}

async function loadHandlers(source: () => Promise<ConfigSource>): Promise<HandlerTable> {
  const { configHandlers } = await import('./handlers/index.js');
  return configHandlers({ source: await source() });
}

function missing(): never {
  throw new Error('a method of the configuration family has no handler');
}
