import { fault } from '../../errors/fault.js';

/** The element at an index. Throws `unexpected` if the list has none: a wrong index is a fault of codexd. */
export function itemAt<T>(list: readonly T[], index: number): T {
  if (index < 0 || index >= list.length || !(index in list))
    throw fault(`a list of ${list.length} elements has none at index ${index}`);
  return list[index]!;
}

/** The last element. Throws `unexpected` for an empty list. */
export const lastOf = <T>(list: readonly T[]): T => itemAt(list, list.length - 1);
