/** What a person reads about a model of which codexd knows only the name (docs/protocol/turns.md §4). */
import { UNKNOWN_WINDOW, type ChosenModel } from './model-info.js';
import { providerSettings } from './provider/provider-settings.js';

/**
 * Null: the configuration says the window, or a cassette answers. The first two sentences are the official program's,
 * which clients compare. `env`: the daemon's environment.
 */
export function aboutUnknown({ table, wire }: ChosenModel, env: Readonly<NodeJS.ProcessEnv>): string | null {
  if (table.model_context_window !== undefined) return null;
  if (providerSettings(table, wire.modelProvider, env)?.wireApi === 'replay') return null;
  return `Model metadata for \`${wire.model}\` not found. Defaulting to fallback metadata; this can degrade performance and cause issues. It gets a context of ${UNKNOWN_WINDOW} tokens; if it has another, say so in config.toml: model_context_window.`;
}
