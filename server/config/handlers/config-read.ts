import { isObject } from '../../system/node/objects.js';
import { SETTABLE_FEATURES } from '../shape/features.js';
import { layerReference } from '../layers/layer.js';
import { originsOf } from '../layers/merge.js';
import { configReadMessage } from '../layers/config-problem.js';
import { ConfigError } from '../../errors/config-error.js';
import { configShape } from '../shape/config-shape.js';
import { redacted, redactedTable } from '../shape/redact.js';
import { showTable } from '../shape/show.js';
import { tableAt, toJson } from '../toml/value.js';
import { internalError } from '../../errors/rpc-error.js';
import type { RequestParams, RequestResult } from '../../../schema/registry.js';
import type { EffectiveConfig } from '../layers/effective-config.js';
import type { FeatureSwitches } from '../settings/feature-switches.js';
import type { Layer } from '../layers/layer.js';
import type { ConfigService } from '../settings/config-service.js';

type ReadResult = RequestResult<'config/read'>;

/**
 * config/read (docs/protocol/config.md §2): the effective configuration, the origin of each value, and the layers.
 */
export function readConfig(
  source: ConfigService,
  switches: FeatureSwitches,
  params: RequestParams<'config/read'>,
): ReadResult {
  requirementsMustBeReadable(source);
  const { effective, problem } = source.resolve(params.cwd ?? undefined);
  if (problem !== null) throw internalError(configReadMessage(problem));
  const shown = shownParts(effective);
  const config = { ...shown.config, features: shownFeatures(effective, source, switches) };
  const result = params.includeLayers
    ? { config, origins: shown.origins, layers: shown.layers() }
    : { config, origins: shown.origins };
  // The shape and the protocol's types describe the same answer; TypeScript does not know that.
  return result as unknown as ReadResult;
}

interface ShownParts {
  readonly config: Record<string, unknown>;
  readonly origins: ReadResult['origins'];
  layers(): unknown[];
}

/** The parts that depend only on the files: made once for each state of the files. */
function shownParts(effective: EffectiveConfig): ShownParts {
  let parts = memory.get(effective);
  if (parts === undefined) {
    const { codexd: _ours, ...config } = showTable(
      redactedTable(effective.table, configShape(), 'wire'),
      configShape(),
    );
    config.client_search_provider = tableAt(effective.table, 'tools').client_search_provider ?? null;
    let layers: unknown[] | undefined;
    parts = {
      config: { ...config, tools: shownTools(config.tools) },
      origins: originsOf(effective.layers),
      layers: () => (layers ??= [...effective.layers].reverse().map(shownLayer)),
    };
    memory.set(effective, parts);
  }
  return parts;
}
const memory = new WeakMap<EffectiveConfig, ShownParts>();

/** `[tools]` in the protocol has one key. */
function shownTools(tools: unknown): unknown {
  if (!isObject(tools)) return tools;
  const { web_search: webSearch } = tools;
  return { web_search: typeof webSearch === 'boolean' ? null : webSearch };
}

function shownLayer(layer: Layer): unknown {
  const { name, version } = layerReference(layer);
  const shown = { name, version, config: toJson(redacted(layer.table, configShape(), 'wire')) };
  return layer.disabledReason === null ? shown : { ...shown, disabledReason: layer.disabledReason };
}

/**
 * The configured features, and the effective value of each feature that can be switched while the daemon runs
 * (docs/protocol/config.md §9).
 */
function shownFeatures(
  effective: EffectiveConfig,
  source: ConfigService,
  switches: FeatureSwitches,
): Record<string, unknown> {
  const written = toJson(tableAt(effective.table, 'features'));
  const shown: Record<string, unknown> = { ...written, network_proxy: written.network_proxy ?? null };
  for (const name of SETTABLE_FEATURES) shown[name] = switches.enabled(name, effective.table, source);
  return shown;
}

function requirementsMustBeReadable(source: ConfigService): void {
  try {
    source.requirements();
  } catch (error) {
    if (error instanceof ConfigError) throw internalError(`failed to read configuration layers: ${error.message}`);
    throw error;
  }
}
