/**
 * A look at a JSON text before it is parsed: how deep it nests, and where the members of its outermost object stand.
 *
 * JSON.parse tells neither what an id was written as (1 or 1.0, and which 19 digits), nor that a member came twice, and
 * it builds sixteen million arrays for sixteen million brackets. One pass over the structure, which skips strings at
 * the speed of indexOf, answers all three. The pass trusts nothing: JSON.parse still decides whether the text is JSON.
 */

/** Where one member of the outermost object stands: its key as written (with quotes) and its value as written. */
interface Member {
  readonly key: string;
  readonly start: number;
  end: number;
}

/**
 * What JSON.parse may be given to build, in units of a plain value in a list. A list or an object counts four, a member
 * of an object six more: so measured, this much takes JSON.parse about 100 ms, in which nobody else is served. It is a
 * history of 10 000 items, or a million numbers.
 */
export const MAX_WEIGHT = 1_200_000;
const MEMBER_WEIGHT = 6;
/** Members of the outermost object that are kept: the protocol knows six. More make the message too heavy. */
const MAX_MEMBERS = 1000;
const CONTAINER_WEIGHT = 4;

/**
 * Nesting beyond this is refused, as the reference's parser does (docs/protocol/transport.md §1: recursion limit 128).
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

/** The outermost object of a text, and what the whole text weighs. */
export interface Scanned {
  /** In order, with doubles. */
  readonly members: Member[];
  readonly weight: number;
}

/** Of a text that is not JSON it returns anything. */
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

/** The index of the quote that ends the string which begins at `start`; the text's end when there is none. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; ; at++) {
    at = text.indexOf('"', at);
    if (at < 0) return text.length;
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return at;
  }
}
