/** The longest delay that setTimeout(3) accepts, in ms: a signed 32-bit number. A longer delay fires at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;
