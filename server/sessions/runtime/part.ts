/**
 * One part of the state of a loaded thread, or of a running turn.
 *
 * Rule: a part can be counted and closed. The owner of parts lists all of them by name, in the order in which they
 * close. The types refuse a list from which a part is missing.
 */
import { errorOf } from '../../errors/message-of.js';
export interface RuntimePart {
  /** How many things the part holds now; 0 after it is closed. */
  readonly held: number;
  /** Releases everything, and accepts nothing afterwards. Further calls have no effect. Sends no notification. */
  close(): void;
}

/** Every member of a runtime is a part: TypeScript refuses a member that cannot be closed. */
export type PartsOf<Runtime> = { readonly [Name in keyof Runtime]: RuntimePart };

/** The parts by name, in the order in which they close; each text says what ends there. */
export type ClosingOrder<Runtime> = { readonly [Name in keyof Runtime]: string };

/** Closes all parts. `failed`: a part threw; the others are closed nevertheless. */
export function closeParts<Runtime extends PartsOf<Runtime>>(
  runtime: Runtime,
  order: ClosingOrder<Runtime>,
  failed: (name: string, error: Error) => void,
): void {
  for (const name of Object.keys(order) as (keyof Runtime & string)[]) {
    try {
      runtime[name].close();
    } catch (error) {
      failed(name, errorOf(error));
    }
  }
}
