/**
 * The name of what the operating system refused, or of what Node did: `ENOENT`, `ERR_INVALID_ARG_VALUE`; undefined for
 * a thrown value that has no such name. It reads the error itself, never its causes (`osErrorIn` of describe.ts does).
 */
export function osCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Whether it is an error, which may have what Node adds to those of the operating system: code, number, call, path. */
export const isNodeError = (error: unknown): error is NodeJS.ErrnoException => error instanceof Error;
