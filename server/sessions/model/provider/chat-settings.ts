/**
 * Settings for the differences between servers of Chat Completions: `[codexd.chat.ID]` of the configuration, where ID
 * is the model provider's (docs/configuration.md, "Servers of Chat Completions").
 */
import { isTable, tableAt, type TomlTable, type TomlValue } from '../../../config/toml/value.js';

export interface ChatSettings {
  /** False: the request has no `stream_options`, so the server may send no usage. */
  readonly streamOptions: boolean;
  /** False: a message that only calls tools has an empty text as its content instead of null. */
  readonly nullContent: boolean;
  /** `short`: nine letters and digits, which Mistral's templates require. */
  readonly callIds: 'as-given' | 'short';
  /** Which of the assistant's messages include the reasoning that the server sent with them. */
  readonly sendReasoning: 'with-calls' | 'always' | 'never';
  /** An answer that begins with `<think>` is reasoning up to `</think>`. */
  readonly thinkTags: boolean;
}

const DEFAULTS: ChatSettings = {
  streamOptions: true,
  nullContent: true,
  callIds: 'as-given',
  sendReasoning: 'with-calls',
  thinkTags: true,
};

/** `table`: the effective configuration, whose shape has been checked. */
export function chatSettings(table: TomlTable, provider: string): ChatSettings {
  const chosen = tableAt(tableAt(table, 'codexd'), 'chat')[provider];
  if (!isTable(chosen)) return DEFAULTS;
  const flag = (value: TomlValue | undefined, otherwise: boolean): boolean =>
    typeof value === 'boolean' ? value : otherwise;
  const { send_reasoning: reasoning } = chosen;
  return {
    streamOptions: flag(chosen.stream_options, DEFAULTS.streamOptions),
    nullContent: flag(chosen.null_content, DEFAULTS.nullContent),
    callIds: chosen.call_ids === 'short' ? 'short' : 'as-given',
    sendReasoning: reasoning === 'always' || reasoning === 'never' ? reasoning : 'with-calls',
    thinkTags: flag(chosen.think_tags, DEFAULTS.thinkTags),
  };
}
