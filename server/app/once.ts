/** Something of which one is made, at its first use. */
export interface Once<T> {
  (): Promise<T>;
  /** Whether somebody has asked for it, so that there is one or will be. */
  begun(): boolean;
  /** Null while there is none. */
  made(): T | null;
}

/** When `make` rejects, everybody who asks gets that error. */
export function once<T>(make: () => Promise<T>): Once<T> {
  let making: Promise<T> | null = null;
  let value: T | null = null;
  const get = (): Promise<T> => (making ??= make().then((made) => (value = made)));
  return Object.assign(get, { begun: () => making !== null, made: () => value });
}
