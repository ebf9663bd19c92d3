/**
 * The messages that one subscriber has not received yet: the first message that waits and all later ones, in their
 * order.
 */
export interface HeldMessages {
  readonly holding: boolean;
  /** From now on messages wait until the function that it returns is called; with several holds, until the last. */
  hold(): () => void;
  /** Sends at once, or after the messages that wait. */
  send(message: () => void): void;
  /** Drops the waiting messages, and delays none any more. */
  drop(): void;
}

export function createHeldMessages(): HeldMessages {
  let held: (() => void)[] | null = null;
  const holds = new Set<object>();
  return {
    get holding() {
      return held !== null;
    },
    hold() {
      const hold = {};
      holds.add(hold);
      held ??= [];
      return () => {
        if (!holds.delete(hold) || holds.size > 0) return;
        const due = held ?? [];
        held = null;
        for (const send of due) send();
      };
    },
    send(message) {
      if (held === null) message();
      else held.push(message);
    },
    drop() {
      held = null;
      holds.clear();
    },
  };
}
