/** Whether an endpoint's error means that the conversation does not fit into the model's context window. */

/** The codes of OpenAI and of llama.cpp. */
const CODES: readonly unknown[] = ['context_length_exceeded', 'exceed_context_size_error', 'context_window_exceeded'];

/** Texts of servers that have no code for it. */
const WORDS: readonly RegExp[] = [
  /maximum context length/i, // OpenAI, vLLM, OpenRouter, DeepSeek
  /exceeds? the (?:available |model'?s )?(?:maximum )?context (?:size|length|window)/i, // llama.cpp, Ollama
  /(?:longer|greater|larger) than the (?:maximum )?(?:model|context) length/i, // vLLM, LM Studio
  /context (?:length|window|size) (?:of|is) (?:only )?\d+ ?tokens?,? which is not enough/i, // LM Studio
  /context the overflows/i, // LM Studio, with its own mistake
  /loaded with context length of only/i, // LM Studio
  /context ?window ?exceeded/i, // LiteLLM
  /(?:prompt|input) is too long/i, // Anthropic, Bedrock
  /input token count .*exceeds the maximum/i, // Gemini
  /too large for model with \d+ maximum context/i, // Mistral
  /reduce the length of the (?:messages|prompt|input)/i, // Groq, OpenAI
];

/** A limit of tokens per time is a different error: the same request may succeed later. */
const RATE = /tokens per (?:minute|hour|day)|\bTP[MD]\b/i;

/** In characters: an error describes itself at its beginning. */
const MOST_READ = 2000;

export function isOverflow(code: unknown, message: string): boolean {
  const words = message.slice(0, MOST_READ);
  return CODES.includes(code) || (!RATE.test(words) && WORDS.some((form) => form.test(words)));
}
