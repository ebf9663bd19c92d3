/**
 * The threads for Node's name lookups, file reads and compression. libuv creates them at the first use; the environment
 * variable decides how many. Lookups use at most half of them (lookup-queue.ts distributes these).
 */
const THREADS = 16;

/** Must be called before the first use of the pool, and after the environment for commands was read. */
export function widenThreadPool(env: NodeJS.ProcessEnv = process.env): void {
  env['UV_THREADPOOL_SIZE'] ??= String(THREADS);
}
