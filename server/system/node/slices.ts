/** Divides long work into slices, so that requests and notifications are handled in between. */

export interface Slices {
  /** Await it between steps; it lets other work run when the slice is used up. */
  rest(): Promise<void> | undefined;
}

/** A client does not notice a pause of this length, in milliseconds. */
const SLICE_MS = 5;

/** `sliceMs`: how long other work may have to wait, in milliseconds. */
export function createSlices(sliceMs = SLICE_MS): Slices {
  let started = performance.now();
  return {
    rest() {
      if (performance.now() - started < sliceMs) return undefined;
      return new Promise((resolve) =>
        setImmediate(() => {
          started = performance.now();
          resolve();
        }),
      );
    },
  };
}
