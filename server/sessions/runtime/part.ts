/**
 * One part of what is kept for a loaded thread, or for a turn that runs.
 *
 * Rule: a part can be counted and closed. Whoever keeps parts lists them all by name with the order in which they
 * close; the types refuse a part that is missing from the list.
 */
export interface RuntimePart {
  /** How many things it holds now; 0 once it is closed. */
  readonly held: number;
  /** Lets go of everything, and keeps nothing from then on. Further calls do nothing. Tells nobody. */
  close(): void;
}

/** Every member of a runtime is a part: a member that cannot be closed does not fit. */
export type PartsOf<Runtime> = { readonly [Name in keyof Runtime]: RuntimePart };

/** The parts by name, in the order in which they close; the text says what ends there. */
export type ClosingOrder<Runtime> = { readonly [Name in keyof Runtime]: string };

/** Closes all parts. `failed`: a part threw; the others are closed all the same. */
export function closeParts<Runtime extends PartsOf<Runtime>>(
  runtime: Runtime,
  order: ClosingOrder<Runtime>,
  failed: (name: string, error: Error) => void,
): void {
  for (const name of Object.keys(order) as (keyof Runtime & string)[]) {
    try {
      runtime[name].close();
    } catch (error) {
      failed(name, error as Error);
    }
  }
}
