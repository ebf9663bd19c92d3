/**
 * Scans a JSON text before JSON.parse: its depth, and the positions of the members of its outermost object.
 *
 * JSON.parse does not show how an id was written (1 or 1.0, and which 19 digits), and it hides a repeated member. It
 * also builds sixteen million arrays for sixteen million brackets. One pass over the structure covers all three; it
 * skips strings at the speed of indexOf. The pass does not validate: JSON.parse still decides whether the text is JSON.
 */

/** One member of the outermost object: its key as written (with quotes) and the position of its value. */
interface Member {
  readonly key: string;
  readonly start: number;
  end: number;
}

/**
 * The largest weight that JSON.parse may receive, in units of a plain value in a list. A list or an object adds four; a
 * member of an object adds six more. JSON.parse takes about 100 ms (measured) for this weight and serves nobody
 * meanwhile. It corresponds to a history of 10 000 items, or to a million numbers.
 */
export const MAX_WEIGHT = 1_200_000;
const MEMBER_WEIGHT = 6;
/**
 * Members of the outermost object that the scan keeps: the protocol knows six. A message with more counts as too heavy.
 */
const MAX_MEMBERS = 1000;
const CONTAINER_WEIGHT = 4;

/**
 * The parser refuses deeper nesting, as the reference's parser does (docs/protocol/transport.md §1: recursion limit
 * 128).
 */
export const MAX_DEPTH = 127;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** The outermost object's members and the weight of the whole text. */
export interface Scanned {
  /** In the order of the text, repeated members included. */
  readonly members: Member[];
  readonly weight: number;
}

/** The result is arbitrary for a text that is not JSON. */
export function scanEnvelope(text: string): Scanned | 'too deep' {
  const members: Member[] = [];
  let weight = 0;
  let depth = 0;
  let key = '';
  let keyed = false;
  let open: Member | undefined;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const end = endOfString(text, at);
        if (depth === 1 && !keyed) key = text.slice(at, end + 1);
        at = end;
        break;
      }
      case COLON:
        weight += MEMBER_WEIGHT;
        if (depth === 1 && !keyed) {
          keyed = true;
          open = { key, start: at + 1, end: text.length };
          if (members.length < MAX_MEMBERS) members.push(open);
          else weight = Infinity;
        }
        break;
      case COMMA:
        weight++;
        if (depth === 1) {
          if (open) open.end = at;
          keyed = false;
        }
        break;
      case OPEN_BRACE:
      case OPEN_BRACKET:
        weight += CONTAINER_WEIGHT;
        if (++depth > MAX_DEPTH) return 'too deep';
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        if (--depth === 0 && open) open.end = at;
        break;
    }
  }
  return { members, weight };
}

/** Returns the index of the quote that ends the string at `start`, or the text's length when no quote ends it. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; ; at++) {
    at = text.indexOf('"', at);
    if (at < 0) return text.length;
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return at;
  }
}
