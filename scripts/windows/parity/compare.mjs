/** What of codexd's observations is the same as the official program's. */

/**
 * @typedef {import('./shared-scenarios.mjs').Outcome} Outcome
 * @typedef {{ key: string, same: boolean, official: unknown, codexd: unknown }} Check
 */

/**
 * One check for each observation of the official program.
 * @param {Outcome} official
 * @param {Outcome} codexd
 * @returns {Check[]}
 */
export function compare(official, codexd) {
  const got = new Map(codexd.observations.map(({ key, value }) => [key, value]));
  return official.observations.map(({ key, mode, value }) => {
    const ours = got.get(key);
    const same = got.has(key) && (mode === 'exact' ? equal(ours, value) : contains(ours, value));
    return { key, same, official: value, codexd: got.has(key) ? ours : '<missing>' };
  });
}

const equal = (/** @type {unknown} */ a, /** @type {unknown} */ b) =>
  text(a) === text(b) || text(plain(a)) === text(plain(b));

const text = (/** @type {unknown} */ value) => JSON.stringify(sorted(value));

/**
 * @param {unknown} value
 * @returns {unknown}
 */
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, entry]) => [name, sorted(entry)]),
  );
}

/**
 * Without what codexd leaves away or adds on purpose: the debug form of errors in what the model reads, the output
 * before a denial, its own member `commandItemId`, and a `reason` which says that a command has no sandbox. Without the
 * texts of Windows' errors as well: Wine has other ones than Windows, so that only their numbers can be compared.
 * @param {unknown} value
 * @returns {unknown}
 */
function plain(value) {
  if (typeof value === 'string') return plainText(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, entry]) => name !== 'commandItemId' && !(name === 'reason' && NO_SANDBOX.test(String(entry))))
      .map(([name, entry]) => [name, plain(entry)]),
  );
}

const NO_SANDBOX = /^It runs without a sandbox/;

const plainText = (/** @type {string} */ value) =>
  value
    .replace(/(?:ProcessFailed|CreateProcess) \{ message: "((?:[^"\\]|\\.)*)" \}/gs, (_, message) =>
      message.replace(/\\n/g, '\n').replace(/\\(["\\])/g, '$1'),
    )
    .replace(/Rejected\("((?:[^"\\]|\\.)*)"\)/gs, (_, message) => message.replace(/\\(["\\])/g, '$1'))
    .replace(/Unified exec process failed: /g, '')
    .replace(/\nOutput before it was ended:\n[^]*$/, '')
    .replace(/[^:]*\(os error (\d+)\)/g, ' (os error $1)');

/**
 * Every member of `wanted` is in `value`, which may have more. Lists are compared entry by entry.
 * @param {any} value
 * @param {any} wanted
 * @returns {boolean}
 */
function contains(value, wanted) {
  if (typeof wanted !== 'object' || wanted === null) return Object.is(value, wanted);
  if (Array.isArray(wanted))
    return (
      Array.isArray(value) && value.length === wanted.length && wanted.every((entry, i) => contains(value[i], entry))
    );
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.entries(wanted).every(([name, entry]) => contains(value[name], entry))
  );
}
