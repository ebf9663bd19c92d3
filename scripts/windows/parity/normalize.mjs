/** Makes the observations of two runs comparable: ids, times, paths and versions become the same words in both. */

/** Members whose numbers are times, durations, sizes of a moment, or process ids. */
const VOLATILE = /At$|AtMs$|Ms$|_at$|^processId$|^pid$|timestamp/i;
const UUID = /(?<![0-9a-f])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-f])/g;
const TIME = /\b\d{4}-\d\d-\d\dT\d\d[:-]\d\d[:-]\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?/g;
const DAY = /\b\d{4}([\\/])\d\d\1\d\d\b/g;

/**
 * The function that normalizes all observations of one run.
 * @param {[text: string, word: string][]} words what is replaced, the longest first
 */
export function normalizer(words) {
  const replaced = [...words].sort(([a], [b]) => b.length - a.length);
  /** @type {Map<string, string>} */
  const ids = new Map();
  const idOf = (/** @type {string} */ id) => {
    if (!ids.has(id)) ids.set(id, `<id ${ids.size + 1}>`);
    return ids.get(id) ?? '';
  };
  const text = (/** @type {string} */ value) =>
    replaced
      .reduce((all, [from, to]) => all.replaceAll(from, to).replaceAll(JSON.stringify(from).slice(1, -1), to), value)
      .replace(UUID, idOf)
      .replace(/(unknown variant [^,]*, expected one of ).*$/s, '$1…')
      .replace(/sha256:[0-9a-f]{64}/g, '<digest>')
      .replace(TIME, '<time>')
      .replace(DAY, '<day>');
  /**
   * @param {unknown} value
   * @param {string} [name]
   * @returns {unknown}
   */
  const normalize = (value, name = '') => {
    if (typeof value === 'string') return VOLATILE.test(name) ? '<volatile>' : text(value);
    if (typeof value === 'number') return VOLATILE.test(name) || value > 1_500_000_000 ? '<volatile>' : value;
    if (Array.isArray(value)) return value.map((entry) => normalize(entry, name));
    if (typeof value !== 'object' || value === null) return value;
    const members = Object.entries(value).filter(([member]) => member !== 'emittedAtMs');
    return Object.fromEntries(members.map(([member, entry]) => [text(member), normalize(entry, member)]));
  };
  return normalize;
}
