/**
 * The best paths for one query (docs/protocol/services.md §2). It reads an index that may still grow, as far as it is,
 * in pieces.
 */
import type { FuzzyFileSearchResult } from '../../schema/protocol/exec/fuzzy-file-search.js';
import { newHaystack, type Haystack } from './match/alignment.js';
import { matchWord } from './match/match-word.js';
import { parsePattern, type Pattern, type Word } from './match/pattern.js';
import { maskOf, type PathIndex } from './match/path-index.js';

/** The protocol's. */
export const MOST_RESULTS = 50;
/** What a file counts more whose name alone matches; twice that, if the name is the query. */
const NAME = 65_536;
const WHOLE_NAME = 2 * NAME;
/** A character counts at most 16, and 9 at a boundary, which the first character has twice. */
const mostFor = (needle: Uint32Array): number => needle.length * 25 + 9;

interface Ranked {
  readonly id: number;
  readonly score: number;
  /** By the whole path, without what a name counts more: of equal scores, it decides. */
  readonly pathScore: number;
  /** Of the path, in characters. */
  readonly length: number;
  /** Whether the match is one of the name alone. */
  readonly inName: boolean;
}

export class Ranking {
  readonly query: string;
  readonly #index: PathIndex;
  readonly #pattern: Pattern;
  readonly #haystack: Haystack = newHaystack();
  /** The word whose letters are looked for before anything else. */
  readonly #first: Word | undefined;
  readonly #mask: number;
  /** If all words together cannot count more. */
  readonly #most: number;
  /** Paths that have the letters of a query which is a name: those of a longer name are among them. */
  readonly #candidates: number[] = [];
  readonly #earlier: Ranking | null;
  /** How many of the earlier query's candidates, and of the paths, are done. */
  #doneEarlier = 0;
  #done: number;
  #best: Ranked[] = [];
  /** The one folder that has the query as its name. */
  #folder: Ranked | null = null;

  /** `earlier`: a finished ranking of the same index, whose work is used if the query continues that one's. */
  constructor(index: PathIndex, query: string, earlier: Ranking | null = null) {
    this.#index = index;
    this.query = query;
    this.#pattern = parsePattern(query);
    const [word] = this.#pattern.words;
    this.#first = word !== undefined && !word.negated && word.isAscii ? word : undefined;
    this.#mask = this.#first === undefined ? 0 : maskOf(this.#first.needle, 0, this.#first.needle.length);
    this.#most = this.#pattern.words.reduce((sum, { needle }) => sum + mostFor(needle), 0);
    this.#earlier = earlier !== null && this.#continues(earlier) ? earlier : null;
    this.#done = this.#earlier === null ? 0 : this.#earlier.#done;
  }

  /** Whether every path that is there has been looked at. */
  get isDone(): boolean {
    return this.#done === this.#index.size && this.#doneEarlier === this.#earlierCandidates().length;
  }

  /** Looks at further paths, at most `count`. True: the results have changed. */
  advance(count: number): boolean {
    // An empty query has no results.
    if (this.query === '') this.#done = this.#index.size;
    const before = this.#best;
    const folder = this.#folder;
    let left = count;
    const candidates = this.#earlierCandidates();
    for (; this.#doneEarlier < candidates.length && left > 0; left--) this.#look(candidates[this.#doneEarlier++]!);
    for (; this.#done < this.#index.size && left > 0; left--) this.#look(this.#done++);
    return before !== this.#best || folder !== this.#folder;
  }

  /** The best first. `rootAt`: the roots as the client gave them. */
  results(rootAt: (root: number) => string): FuzzyFileSearchResult[] {
    const folder = this.#folder;
    const others = folder === null ? this.#best : this.#best.filter(({ id }) => id !== folder.id);
    const all = folder === null ? others : [...others, { ...folder, score: folder.score + WHOLE_NAME }];
    return all
      .sort((one, other) => this.#byRank(one, other))
      .slice(0, MOST_RESULTS)
      .sort((one, other) => other.score - one.score || this.#byPath(one, other))
      .map(({ id, score, inName }) => ({
        root: rootAt(this.#index.rootOf(id)),
        path: this.#index.pathOf(id),
        match_type: this.#index.isFolder(id) ? 'directory' : 'file',
        file_name: this.#index.nameOf(id),
        score,
        indices: this.#positions(id, inName),
      }));
  }

  #earlierCandidates(): readonly number[] {
    return this.#earlier === null ? [] : this.#earlier.#candidates;
  }

  #continues(earlier: Ranking): boolean {
    const [one, other] = [earlier.#pattern, this.#pattern];
    const both = one.isName && other.isName && earlier.#first !== undefined && this.#first !== undefined;
    return both && earlier.#index === this.#index && this.query.trim().startsWith(earlier.query.trim());
  }

  #look(id: number): void {
    const index = this.#index;
    const { isName, words } = this.#pattern;
    if (!index.mayHave(id, this.#mask)) return;
    if (isName && this.#first !== undefined) this.#candidates.push(id);
    const worst = this.#best.length === MOST_RESULTS ? this.#best.at(-1)! : null;
    const isFolder = index.isFolder(id);
    const mayBeWhole = isName && index.nameLengthOf(id) === words[0]!.needle.length;
    const mayBeFolder = isFolder && mayBeWhole;
    const ceiling = this.#most + (isFolder || !isName ? 0 : mayBeWhole ? NAME + WHOLE_NAME : NAME);
    // Almost every path ends here, before its characters are compared.
    if (worst !== null && !mayBeFolder && !this.#canBeat(worst, id, ceiling)) return;

    const isWhole = mayBeFolder && this.#isWholeName(id);
    const nameScore = isFolder || !isName ? null : this.#nameScore(id);
    const inName = nameScore !== null;
    if (worst !== null && !isWhole && !this.#canBeat(worst, id, nameScore ?? this.#most)) return;
    if (!inName && this.#first !== undefined && index.hasInOrder(id, this.#first.needle, false) === false) return;
    const pathScore = this.#pathScore(id);
    if (pathScore === null) return;
    const ranked = { id, score: nameScore ?? pathScore, pathScore, inName, length: index.lengthOf(id) };
    if (isWhole && this.#isBetterFolder(id)) this.#folder = ranked;
    if (worst !== null && this.#byRank(worst, ranked) < 0) return;
    this.#best = inserted(this.#best, ranked, (one, other) => this.#byRank(one, other));
  }

  #canBeat(worst: Ranked, id: number, ceiling: number): boolean {
    if (ceiling !== worst.score) return ceiling > worst.score;
    return worst.pathScore < this.#most || this.#index.lengthOf(id) <= worst.length;
  }

  /** Of the folders with the query as their name: the one with the fewest folders above, then with the same case. */
  #isBetterFolder(id: number): boolean {
    const index = this.#index;
    const best = this.#folder?.id;
    if (best === undefined) return true;
    const name = this.query.trim();
    const sameCase = (one: number): number => (index.nameOf(one) === name ? 0 : 1);
    const difference = index.depthOf(id) - index.depthOf(best) || sameCase(id) - sameCase(best);
    return (difference || index.compare(id, best)) < 0;
  }

  /** The score of a file by its name alone; null: the name does not match. */
  #nameScore(id: number): number | null {
    const word = this.#pattern.words[0]!;
    if (word.isAscii && this.#index.hasInOrder(id, word.needle, true) === false) return null;
    this.#index.read(id, this.#haystack, word.plain, true);
    const score = matchWord(word, this.#haystack);
    if (score === null) return null;
    return score + NAME + (this.#haystack.length === word.needle.length ? WHOLE_NAME : 0);
  }

  #isWholeName(id: number): boolean {
    const word = this.#pattern.words[0]!;
    this.#index.read(id, this.#haystack, word.plain, true);
    return this.#haystack.length === word.needle.length && matchWord(word, this.#haystack) !== null;
  }

  #pathScore(id: number): number | null {
    let sum = 0;
    for (const word of this.#pattern.words) {
      this.#index.read(id, this.#haystack, word.plain, false);
      const score = matchWord(word, this.#haystack);
      if ((score === null) !== word.negated) return null;
      if (!word.negated) sum += score ?? 0;
    }
    return sum;
  }

  #positions(id: number, inName: boolean): number[] {
    const positions: number[] = [];
    for (const word of this.#pattern.words.filter(({ negated }) => !negated)) {
      this.#index.read(id, this.#haystack, word.plain, inName);
      matchWord(word, this.#haystack, positions);
      if (!inName) continue;
      const before = this.#index.lengthOf(id) - this.#haystack.length;
      return positions.map((position) => before + position);
    }
    return [...new Set(positions)].sort((one, other) => one - other);
  }

  /** Which results there are: of those with the same score, the better path, then the shorter one. */
  #byRank(one: Ranked, other: Ranked): number {
    const difference = other.score - one.score || other.pathScore - one.pathScore || one.length - other.length;
    return difference || this.#byPath(one, other);
  }

  #byPath(one: Ranked, other: Ranked): number {
    return this.#index.compare(one.id, other.id) || one.id - other.id;
  }
}

/** A new list with `value` at its place, and without what is too much. */
function inserted(list: readonly Ranked[], value: Ranked, order: (one: Ranked, other: Ranked) => number): Ranked[] {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (order(list[middle]!, value) < 0) low = middle + 1;
    else high = middle;
  }
  return [...list.slice(0, low), value, ...list.slice(low, MOST_RESULTS - 1)];
}
