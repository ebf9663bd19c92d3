/**
 * Ids of server requests: one counter for the whole process, from 0, never reused. All threads and connections share it
 * (docs/protocol/transport.md §10).
 */
export interface RequestIds {
  next(): number;
}

export function createRequestIds(): RequestIds {
  let following = 0;
  return { next: () => following++ };
}
