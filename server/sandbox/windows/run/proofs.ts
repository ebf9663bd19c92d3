/**
 * Keeps the results of proofs: a good one for as long as its subject is the same, a bad one for the commands that wait
 * for it. The cause of a bad one may have been removed since; a refused command costs no more.
 */

/** `ok`: every wall stands. Otherwise the walls that do not, by name, and the way out. */
export type ProofResult =
  { readonly ok: true } | { readonly ok: false; readonly problem: string; readonly fix: string };

export interface Proofs {
  /** `subject`: what was proved, as JSON; another one is proved again. */
  of(subject: unknown, prove: () => Promise<ProofResult>): Promise<ProofResult>;
}

export function createProofs(): Proofs {
  const known = new Map<string, Promise<ProofResult>>();
  return {
    of: (subject, prove) => {
      const key = JSON.stringify(subject);
      const found = known.get(key);
      if (found) return found;
      const made = prove();
      known.set(key, made);
      const forget = (): void => void (known.get(key) === made && known.delete(key));
      made.then(({ ok }) => ok || forget(), forget);
      return made;
    },
  };
}
