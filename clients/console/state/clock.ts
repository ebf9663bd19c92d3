/** The time for ages and countdowns: one timer for the page, only while something shows it. */
import { signal } from '@preact/signals';

export const nowMs = signal(Date.now(), {
  watched() {
    queueMicrotask(() => (nowMs.value = Date.now()));
    timer = setInterval(() => (nowMs.value = Date.now()), 1000);
  },
  unwatched() {
    clearInterval(timer);
  },
});
let timer: ReturnType<typeof setInterval> | undefined;
