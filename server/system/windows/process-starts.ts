/** Reads the starts of all processes in Windows' SystemProcessInformation (winternl.h, with 64-bit pointers). */

/** Where the parts of an entry are: the next entry, the start, the id. */
const NEXT_AT = 0x0;
const START_AT = 0x20;
const PID_AT = 0x50;
const ENTRY_BYTES = 0x58;

/** The start of each process by its id: 100 ns since 1601. A list that is cut off has the entries that are whole. */
export function readProcessStarts(list: Buffer): ReadonlyMap<number, bigint> {
  const starts = new Map<number, bigint>();
  for (let at = 0; at + ENTRY_BYTES <= list.length;) {
    starts.set(Number(list.readBigUInt64LE(at + PID_AT)), list.readBigUInt64LE(at + START_AT));
    const next = list.readUInt32LE(at + NEXT_AT);
    if (next === 0) break;
    at += next;
  }
  return starts;
}
