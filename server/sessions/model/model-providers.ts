/** Finds or creates the provider that a thread's configuration names. */
import type { ModelRequirements } from '../../config/requirements/model-requirements.js';
import type { TomlTable } from '../../config/toml/value.js';
import type { CassetteWriter } from './cassette.js';
import type { AccountAccess } from './provider/credentials.js';
import type { ModelProvider } from './provider/model-provider.js';
import { providerSettings, type ProviderSettings } from './provider/provider-settings.js';
import type { OutputFile } from '../../system/files/output-file.js';
import type { SessionCounts } from '../../metrics/session-counts.js';
import { createTokenSource, type RunTokenCommand } from './provider/token-command.js';
import { countedProvider } from './counted-provider.js';

export interface ModelProvidersOptions {
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly codexHome: string;
  /** The content of `installation_id` in the home, which endpoints receive (docs/protocol/turns.md §3). */
  readonly installationId: string;
  /** `codexd record`: the cassette that records the answers of every provider. */
  readonly recordTo?: OutputFile | null;
  /** The counts for /metrics; absent: nothing is counted. */
  readonly counts?: SessionCounts;
  /** The current requirements for requests. */
  readonly modelRequirements: () => ModelRequirements;
  /** Runs programs that print tokens. Absent: such providers are refused. */
  readonly runTokenCommand?: RunTokenCommand;
  /** The login with an account. Absent: requests have none. */
  readonly account?: () => Promise<AccountAccess>;
  /** The daemon serves `codexd exec`. */
  readonly forExec?: boolean;
}

export interface ModelProviders {
  /** Null: there is no such provider in the configuration. */
  find(table: TomlTable, id: string): Promise<ModelProvider | null>;
}

/** A provider is kept while its settings stay the same, so connections to the endpoint stay open between turns. */
export function createModelProviders(options: ModelProvidersOptions): ModelProviders {
  const made = new Map<string, { readonly key: string; readonly provider: Promise<ModelProvider> }>();
  const { recordTo = null } = options;
  let cassette: Promise<CassetteWriter> | undefined;
  const recorder =
    recordTo === null
      ? null
      : () => (cassette ??= import('./cassette.js').then(({ createCassette }) => createCassette(recordTo)));
  return {
    async find(table, id) {
      const settings = providerSettings(table, id, options.env);
      if (settings === null) return null;
      const key = JSON.stringify(settings);
      const known = made.get(id);
      if (known?.key === key) return known.provider;
      const provider = make(settings, options, recorder);
      made.set(id, { key, provider });
      return provider;
    },
  };
}

async function make(
  settings: ProviderSettings,
  options: ModelProvidersOptions,
  recorder: (() => Promise<CassetteWriter>) | null,
): Promise<ModelProvider> {
  const bare = withNotice(await makeBare(settings, options), await noticeAbout(settings, options));
  const provider = options.counts === undefined ? bare : countedProvider(bare, options.counts);
  if (recorder === null) return provider;
  const { recordingProvider } = await import('./replay.js');
  return recordingProvider(provider, await recorder());
}

/** Yields the notice once, before the first answer. */
function withNotice(provider: ModelProvider, notice: string | null): ModelProvider {
  if (notice === null) return provider;
  let said = false;
  return {
    ...provider,
    async *stream(request, signal) {
      if (!said) yield { type: 'notice', message: notice };
      said = true;
      yield* provider.stream(request, signal);
    },
  };
}

async function noticeAbout(
  { wireApi, baseUrl }: ProviderSettings,
  { env }: ModelProvidersOptions,
): Promise<string | null> {
  if (wireApi === 'replay' || !URL.canParse(baseUrl)) return null;
  return (await import('./endpoint/outbound.js')).ignoredProxy(new URL(baseUrl), env);
}

async function makeBare(settings: ProviderSettings, options: ModelProvidersOptions): Promise<ModelProvider> {
  if (settings.wireApi === 'replay') return (await import('./replay.js')).replayProvider(settings);
  const { createEndpoint } = await import('./endpoint/endpoint.js');
  const endpoint = createEndpoint({
    settings,
    env: options.env,
    codexHome: options.codexHome,
    modelRequirements: options.modelRequirements,
    forExec: options.forExec ?? false,
    account: (await options.account?.()) ?? null,
    tokens:
      settings.auth === null || options.runTokenCommand === undefined
        ? null
        : createTokenSource(settings.id, settings.auth, options.runTokenCommand),
  });
  if (settings.wireApi === 'chat') return (await import('./chat/chat.js')).chatProvider(settings, endpoint);
  const responses = (await import('./responses/responses.js')).responsesProvider(
    settings,
    endpoint,
    options.installationId,
  );
  // OpenAI's own endpoint has the Responses API; others may only have Chat Completions.
  if (settings.usesLogin) return responses;
  const { withChatFallback } = await import('./chat-fallback.js');
  return withChatFallback(settings, responses, async () =>
    (await import('./chat/chat.js')).chatProvider(settings, endpoint),
  );
}
