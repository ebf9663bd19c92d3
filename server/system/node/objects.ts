/** An object without a prototype: `__proto__` and `constructor` are names like any other, whatever their source. */
export const bareObject = <T>(): Record<string, T> => Object.create(null) as Record<string, T>;

/** Whether a value that somebody else wrote is a JSON object: neither null nor a list. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
