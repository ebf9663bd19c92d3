/** Short messages for the person: what failed, what was done. */
import { signal } from '@preact/signals';

export interface Notice {
  readonly id: number;
  readonly tone: 'good' | 'bad' | 'plain';
  readonly text: string;
}

export const notices = signal<readonly Notice[]>([]);
let last = 0;
/** More would cover the page. */
const MOST = 4;
/** Long enough to read two words, in milliseconds. */
const GOOD_MS = 4000;

export function say(tone: Notice['tone'], text: string): void {
  const id = ++last;
  notices.value = [...notices.value.filter((notice) => notice.text !== text).slice(1 - MOST), { id, tone, text }];
  // What went well needs no answer.
  if (tone === 'good') setTimeout(() => dismiss(id), GOOD_MS);
}

export function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

/** Runs an action of the person and says when it fails. Undefined: it failed. */
export async function attempt<T>(what: string, action: () => Promise<T>): Promise<T | undefined> {
  try {
    return await action();
  } catch (error) {
    say('bad', `${what}: ${(error as Error).message}`);
    return undefined;
  }
}
