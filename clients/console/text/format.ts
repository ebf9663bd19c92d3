/** Numbers, times and commands as people read them. */

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** `1.2 MB`, in powers of 1000. */
export function bytes(count: number): string {
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 99.5 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

/** `12 s`, `4 min`, `3 h`, `2 d`: the largest unit only. */
export function duration(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** The time of day, with the date if it is another day than `now`. */
export function clock(ms: number, now: number = Date.now()): string {
  const at = new Date(ms);
  const time = at.toTimeString().slice(0, 8);
  return at.toDateString() === new Date(now).toDateString() ? time : `${day(at)} ${time}`;
}

const day = (at: Date): string =>
  [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((part) => String(part).padStart(2, '0')).join('-');

/** `12 345`: groups of three, with thin spaces. */
export const count = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, '\u2009');

/** One command line for reading: each word as a shell would need it. */
export const commandLine = (words: readonly string[]): string => words.map(word).join(' ');

const word = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** The last name of a path, for tables; the whole path stands beside or in a title. */
export const baseName = (path: string): string => /[^/\\]+(?=[/\\]*$)/.exec(path)?.[0] ?? path;
