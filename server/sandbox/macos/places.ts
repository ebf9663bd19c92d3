/**
 * Filters of the policy language for places of the file system.
 *
 * Threat: the system has several names for one file, and a rule is about a name. `/tmp`, `/var` and `/etc` are links
 * into `/private`. What a firmlink shows at `/Users` is also at `/System/Volumes/Data/Users`. The usual file system
 * compares names without case and in any Unicode normalisation.
 * Rule: a filter for a place holds for all its names. A place that exists is known by its name on disk, in which the
 * kernel asks. A place that does not exist would be created by the name that the command writes, so every spelling of
 * it counts. Each filter is written as `literal` and `subpath`, whether or not `subpath` covers the place itself.
 * Non-scope: further mounts of the same volume, which only root makes.
 */
import { spellingsPattern } from './other-spellings.js';

/** A filter, as text of the language. */
export type Filter = string;

/** Where the kernel keeps the writable volume; firmlinks show parts of it at the root (macOS 10.15 and later). */
export const DATA_VOLUME = '/System/Volumes/Data';

/** Links in the root folder of every Mac, into /private. */
const ROOT_LINKS: readonly string[] = ['/tmp', '/var', '/etc'];

/** The names of a real path, itself first. */
export function namesOf(place: string): readonly string[] {
  const plain = place.startsWith(`${DATA_VOLUME}/`) ? place.slice(DATA_VOLUME.length) : place;
  const linked = ROOT_LINKS.find((link) => isAt(plain, `/private${link}`));
  const short = linked === undefined ? [] : [plain.slice('/private'.length)];
  return [...new Set([place, plain, `${DATA_VOLUME}${plain === '/' ? '' : plain}`, ...short])];
}

const isAt = (place: string, folder: string): boolean => place === folder || place.startsWith(`${folder}/`);

/** The place itself and everything in it. */
export const whole = (place: string): readonly Filter[] =>
  place === '/'
    ? ['(regex #"^/")']
    : namesOf(place).flatMap((name) => [`(literal ${quote(name)})`, `(subpath ${quote(name)})`]);

/** The place itself only. */
export const itself = (place: string): readonly Filter[] => namesOf(place).map((name) => `(literal ${quote(name)})`);

/** A place that does not exist, by whatever spelling it would be created, with everything in it. */
export const wholeMissing = (place: string): readonly Filter[] => [
  ...whole(place),
  ...namesOf(place).map((name) => `(regex #"^${spellingsPattern(name)}(/|$)")`),
];

/** The places of `within` that are in none of `without`. Both are alternatives; `within` is not empty. */
export function except(within: readonly Filter[], without: readonly Filter[]): Filter {
  const [first = '', ...others] = within;
  const some = others.length === 0 ? first : `(require-any ${within.join(' ')})`;
  return without.length === 0
    ? some
    : `(require-all ${some} ${without.map((filter) => `(require-not ${filter})`).join(' ')})`;
}

/** Quotes a string of the language, so that a path cannot end the string and continue as rules. */
export const quote = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;
