/**
 * The threads on which Node looks names up, reads files and compresses. libuv makes them once, at the first use, as
 * many as the environment says by then, and lets lookups have half of them (lookup-queue.ts shares those out).
 */
const THREADS = 16;

/** To be called before anything uses them, and after the environment that commands inherit was read. */
export function widenThreadPool(env: NodeJS.ProcessEnv = process.env): void {
  env['UV_THREADPOOL_SIZE'] ??= String(THREADS);
}
