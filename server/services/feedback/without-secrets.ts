/**
 * Removes secrets from texts that a person will pass on.
 *
 * Threat: a report contains keys, which the person sends to somebody. Rule: values of the environment whose name says
 * that they are secret, the stored key, and words in the forms of common keys are replaced. Scope: everything that a
 * report contains. Non-scope: secrets in no known form and under no telling name; the person sees the file before it
 * leaves the machine, because codexd sends nothing.
 */
const NAMES = /(?:key|token|secret|passw|credential|authorization|cookie)/i;
/** Shorter values are words that occur anywhere. */
const MIN_LENGTH = 8;
const FORMS = [
  /\b(?:sk|pk|rk)-[\w-]{16,}/g,
  /\bgh[pousr]_\w{20,}/g,
  /\bgithub_pat_\w{20,}/g,
  /\bxox[abprs]-[\w-]{10,}/g,
  /\bAKIA[0-9A-Z]{16}\b/g,
  /\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*/g,
  /\bAIza[\w-]{30,}/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g,
  /(?<=\b(?:Bearer|Basic)\s+)[\w+/=.~-]{8,}/gi,
  /(?<=:\/\/[^\s/:@]*:)[^\s/@]+(?=@)/g,
];
const REMOVED = '[REDACTED]';

export function secretValues(env: Readonly<NodeJS.ProcessEnv>, more: readonly string[]): readonly string[] {
  const named = Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && NAMES.test(name) ? [value] : [],
  );
  // The longest first: a value may contain another one.
  return [...new Set([...named, ...more])]
    .filter((value) => value.length >= MIN_LENGTH)
    .sort((one, other) => other.length - one.length);
}

export function withoutSecrets(text: string, values: readonly string[]): string {
  let result = text;
  for (const value of values) {
    result = result.replaceAll(value, REMOVED);
    // As it stands in JSON.
    result = result.replaceAll(JSON.stringify(value).slice(1, -1), REMOVED);
  }
  return FORMS.reduce((whole, form) => whole.replace(form, REMOVED), result);
}
