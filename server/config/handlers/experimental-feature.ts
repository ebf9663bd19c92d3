import { internalError } from '../../errors/rpc-error.js';
import { BETA_TEXTS, features } from '../shape/features.js';
import { problemText } from '../layers/config-problem.js';
import { pageOf } from '../../rpc/connection/offset-page.js';
import type { RequestParams, RequestResult } from '../../../schema/registry.js';
import type { FeatureSwitches } from '../settings/feature-switches.js';
import type { ConfigService } from '../settings/config-service.js';
import type { TomlTable } from '../toml/value.js';

/**
 * experimentalFeature/list (docs/protocol/config.md §9). `thread`: the scope of the thread in the request; null: none.
 */
export function listFeatures(
  source: ConfigService,
  switches: FeatureSwitches,
  params: RequestParams<'experimentalFeature/list'>,
  thread: FeatureScope | null,
): RequestResult<'experimentalFeature/list'> {
  const { effective, problem } = source.resolve(thread?.cwd ?? source.sources.cwd, { config: thread?.overrides });
  if (problem !== null) throw internalError(`failed to reload config: ${problemText(effective, problem)}`);
  const data = features().map(({ name, stage, defaultEnabled }) => {
    const texts = stage === 'beta' ? BETA_TEXTS[name] : undefined;
    return {
      name,
      stage,
      displayName: texts?.displayName ?? null,
      description: texts?.description ?? null,
      announcement: texts === undefined ? null : '',
      enabled: switches.enabled(name, effective.table, source),
      defaultEnabled,
    };
  });
  return pageOf(data, params, 'feature flags');
}

/** The folder and the own configuration of a loaded thread: the scope in which features are looked up. */
export interface FeatureScope {
  readonly cwd: string;
  readonly overrides?: TomlTable;
}

/** experimentalFeature/enablement/set: for this process only; the answer omits features that cannot be set. */
export function setFeatureEnablement(
  switches: FeatureSwitches,
  params: RequestParams<'experimentalFeature/enablement/set'>,
): RequestResult<'experimentalFeature/enablement/set'> {
  return { enablement: switches.set(params.enablement) };
}
