/** "Did you mean": the name that somebody who wrote `word` most likely meant, measured as Jaro similarity. */

/** Below this a likeness is chance. */
const LIKE = 0.7;

/** Null: none is like it. */
export function mostSimilar(word: string, names: readonly string[]): string | null {
  let best: string | null = null;
  let most = LIKE;
  for (const name of names) {
    const likeness = jaro(word, name);
    if (likeness > most) [best, most] = [name, likeness];
  }
  return best;
}

/** From 0 (nothing in common) to 1 (equal). */
function jaro(a: string, b: string): number {
  if (a === b) return 1;
  const reach = Math.max(0, Math.floor(Math.max(a.length, b.length) / 2) - 1);
  const taken = new Set<number>();
  const common: number[] = [];
  for (let at = 0; at < a.length; at++) {
    for (let other = Math.max(0, at - reach); other <= Math.min(b.length - 1, at + reach); other++) {
      if (taken.has(other) || a[at] !== b[other]) continue;
      taken.add(other);
      common.push(at);
      break;
    }
  }
  if (common.length === 0) return 0;
  const inB = [...taken].sort((one, two) => one - two);
  const swapped = common.filter((at, index) => a[at] !== b[inB[index]!]).length / 2;
  return (common.length / a.length + common.length / b.length + (common.length - swapped) / common.length) / 3;
}
