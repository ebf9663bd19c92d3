import { LONGEST_TIMER_MS } from '../../system/node/timers.js';

/** A timer that expires once and can be paused. */
export interface Countdown {
  /** Stops the timer until `resume`. Both are idempotent. */
  pause(): void;
  resume(): void;
  /** Ends the timer for good. */
  stop(): void;
}

/** Reports a pause when it begins and ends, and at once if there is one. Returns what ends the reports. */
export type WatchPauses = (watcher: (paused: boolean) => void) => () => void;

/** Pauses the timer while any of the reasons lasts. Returns what ends the reports. */
export function pausedWhile(clock: Countdown, reasons: readonly WatchPauses[]): () => void {
  const lasting = new Set<number>();
  const ends = reasons.map((watch, reason) =>
    watch((paused) => {
      if (paused) lasting.add(reason);
      else lasting.delete(reason);
      if (lasting.size > 0) clock.pause();
      else clock.resume();
    }),
  );
  return () => {
    for (const end of ends) end();
  };
}

/** Calls `expire` once, after `ms` milliseconds of running time, however large `ms` is. null: never. */
export function countdown(ms: number | null, expire: () => void): Countdown {
  if (ms === null) return { pause() {}, resume() {}, stop() {} };
  let left = ms;
  let since = 0;
  let timer: NodeJS.Timeout | null = null;
  let over = false;
  const pause = (): void => {
    if (timer === null) return;
    clearTimeout(timer);
    timer = null;
    left = Math.max(0, left - (performance.now() - since));
  };
  const resume = (): void => {
    if (timer !== null || over) return;
    since = performance.now();
    const step = Math.min(left, LONGEST_TIMER_MS);
    timer = setTimeout(() => {
      timer = null;
      left -= step;
      if (left > 0) return resume();
      over = true;
      expire();
    }, step);
  };
  resume();
  return {
    pause,
    resume,
    stop() {
      over = true;
      pause();
    },
  };
}
