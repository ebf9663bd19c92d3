/**
 * A result for everybody who asks in the same turn of the event loop. The first one starts the work at once; the first
 * after the turn starts it again. Only for what may be one turn old: never for a decision about a command.
 */
export function sharedInTurn<T>(make: () => Promise<T>): () => Promise<T> {
  let current: Promise<T> | null = null;
  return () => {
    if (current === null) {
      current = make();
      setImmediate(() => (current = null));
    }
    return current;
  };
}
