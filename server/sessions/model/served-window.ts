/**
 * The context window that a local server gives a model. Only the server knows it, and it silently drops what does not
 * fit. Only the built-in servers (Ollama, LM Studio) and the one in `oss_provider` are asked.
 */
import type { ModelRequirements } from '../../config/requirements/model-requirements.js';
import type { TomlTable } from '../../config/toml/value.js';
import { isObject } from '../../system/node/objects.js';
import type { ChosenModel } from './model-info.js';
import type { EndpointOptions } from './endpoint/endpoint-request.js';
import { localServer } from './provider/local-servers.js';
import { ModelError } from './provider/model-provider.js';
import { providerSettings, type ProviderSettings } from './provider/provider-settings.js';
import { atRoot, get } from './served-models.js';

export interface ServedWindowsOptions {
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly codexHome: string;
  readonly modelRequirements: () => ModelRequirements;
}

export interface ServedWindows {
  /** In tokens, from the server's last answer; null: unknown. */
  known(chosen: ChosenModel): number | null;
  /**
   * Asks the server, for at most a second. Resolves to a warning for the person; null: there is none. Never rejects.
   */
  learn(chosen: ChosenModel): Promise<string | null>;
}

/**
 * In milliseconds. An answer is valid for this long, because a server may load its model again with a larger window.
 */
const FRESH_MS = 60_000;
/** In tokens. Instructions, tools and a few files need this many. */
const SMALL = 16_384;

export function createServedWindows({ env, codexHome, modelRequirements }: ServedWindowsOptions): ServedWindows {
  const answers = new Map<string, { readonly window: number; readonly at: number }>();
  const keyOf = ({ baseUrl }: ProviderSettings, model: string): string => `${baseUrl} ${model}`;
  return {
    known({ table, wire }) {
      if (answers.size === 0) return null;
      const settings = asked(table, wire.modelProvider, env);
      return settings === null ? null : (answers.get(keyOf(settings, wire.model))?.window ?? null);
    },
    async learn({ table, wire }) {
      if (table.model_context_window !== undefined) return null;
      const settings = asked(table, wire.modelProvider, env);
      if (settings === null) return null;
      const key = keyOf(settings, wire.model);
      const last = answers.get(key);
      if (last !== undefined && Date.now() - last.at < FRESH_MS) return wordsAbout(settings, wire.model, last.window);
      try {
        const window = await servedWindow({ settings, env, codexHome, modelRequirements }, wire.model);
        if (window === null) answers.delete(key);
        else answers.set(key, { window, at: Date.now() });
        return wordsAbout(settings, wire.model, window);
      } catch (error) {
        // The turn itself reports a server that does not answer.
        if (error instanceof ModelError) return null;
        throw error;
      }
    },
  };
}

/** Null: the server is not asked. */
function asked(table: TomlTable, id: string, env: Readonly<NodeJS.ProcessEnv>): ProviderSettings | null {
  if (localServer(id) === null && table.oss_provider !== id) return null;
  const settings = providerSettings(table, id, env);
  return settings?.wireApi === 'replay' ? null : settings;
}

/** In tokens; null: the server does not say. Throws ModelError if it cannot be asked. */
async function servedWindow(options: EndpointOptions, model: string): Promise<number | null> {
  for (const ask of options.settings.id === 'ollama'
    ? [ofOllama, ofList]
    : [ofList, ofLlamaCpp, ofLmStudio, ofOllama]) {
    try {
      const window = await ask(options, model);
      if (window !== null) return window;
    } catch (error) {
      if (!(error instanceof ModelError && error.noSuchPath)) throw error;
    }
  }
  return null;
}

/** A loaded model has a known window. For others, the model's file may contain it. */
async function ofOllama(options: EndpointOptions, model: string): Promise<number | null> {
  const root = atRoot(options);
  const { models } = objectOf(await get(root, '/api/ps'));
  for (const row of Array.isArray(models) ? models : []) {
    const { name, context_length: length } = objectOf(row);
    if (name === model || name === `${model}:latest`) return tokens(length);
  }
  const { parameters } = objectOf(await get(root, '/api/show', { model }));
  const [, number] = typeof parameters === 'string' ? (/^num_ctx\s+(\d+)\s*$/m.exec(parameters) ?? []) : [];
  return tokens(Number(number));
}

/** vLLM has the window in its list of models. */
async function ofList(options: EndpointOptions, model: string): Promise<number | null> {
  const { data } = objectOf(await get(options, '/models'));
  const row = (Array.isArray(data) ? data : []).map(objectOf).find(({ id }) => id === model);
  return tokens(row?.max_model_len);
}

async function ofLlamaCpp(options: EndpointOptions): Promise<number | null> {
  const { default_generation_settings: settings } = objectOf(await get(atRoot(options), '/props'));
  return tokens(objectOf(settings).n_ctx);
}

async function ofLmStudio(options: EndpointOptions, model: string): Promise<number | null> {
  const row = objectOf(await get(atRoot(options), `/api/v0/models/${encodeURIComponent(model)}`));
  return tokens(row.loaded_context_length);
}

const objectOf = (value: unknown): Record<string, unknown> => (isObject(value) ? value : {});
const tokens = (value: unknown): number | null =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : null;

function wordsAbout({ id, name }: ProviderSettings, model: string, window: number | null): string | null {
  if (window !== null && window >= SMALL) return null;
  const more =
    id === 'ollama'
      ? ' Give it more: `OLLAMA_CONTEXT_LENGTH=32768 ollama serve`.'
      : id === 'lmstudio'
        ? ' Give it more: `lms load MODEL --context-length 32768`.'
        : ' Give it more where the server is started.';
  if (window !== null) {
    return `\`${model}\` has room for ${window} tokens at ${name}, which is little for an agent: what does not fit is left out.${more}`;
  }
  return `${name} does not say how many tokens \`${model}\` has room for, so that what fits everybody is assumed; what does not fit is left out there without a word.${more} Then say it here: \`model_context_window\` in config.toml.`;
}
