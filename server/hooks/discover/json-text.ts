/**
 * The text of a hooks.json, with the places of its values. A fault is named with line and column, in the words of the
 * official program (docs/protocol/services.md §6 "Faults").
 */
import { parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser';
import { endOf } from './json-tree.js';

/** A fault, and how many characters of the text were read when it was found. */
export interface TextFault {
  readonly why: string;
  readonly read: number;
  /** Whether the next byte was looked at as well; a column counts it. */
  readonly peeked?: boolean;
}

/** Never throws. */
export function readTree(text: string): Node | TextFault {
  const errors: ParseError[] = [];
  let tree: Node | undefined;
  try {
    tree = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { why: 'recursion limit exceeded', read: 0 };
  }
  const [first] = errors;
  if (first !== undefined) return faultOf(first, text);
  if (tree === undefined) return { why: 'EOF while parsing a value', read: text.length };
  return surveyed(tree) ?? tree;
}

/** How deep values may nest. */
const MAX_DEPTH = 127;

/** What the parser lets pass. Without recursion, which deep trees would break. */
function surveyed(tree: Node): TextFault | null {
  const open: [node: Node, depth: number][] = [[tree, 0]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [node, depth] = next;
    if (depth > MAX_DEPTH) return { why: 'recursion limit exceeded', read: node.offset + 1 };
    if (node.type === 'string' && /\p{Cs}/u.test(String(node.value)))
      return { why: 'lone leading surrogate in hex escape', read: endOf(node) };
    const below = node.type === 'property' ? depth : depth + 1;
    for (const child of node.children ?? []) open.push([child, below]);
  }
  return null;
}

/** `WHY at line L column C`: columns count bytes. */
export function placed({ why, read, peeked = false }: TextFault, text: string): string {
  const before = text.slice(0, read);
  const line = before.split('\n').length;
  const column = Buffer.byteLength(before.slice(before.lastIndexOf('\n') + 1)) + (peeked ? 1 : 0);
  return `${why} at line ${line} column ${column}`;
}

function faultOf({ error, offset }: ParseError, text: string): TextFault {
  const rest = text.slice(offset);
  const before = text.slice(0, offset).trimEnd();
  const ended = rest.trim() === '';
  const around = innermost(before);
  const inList = around === '[';
  const at = (why: string): TextFault => ({ why, read: ended ? text.length : offset, peeked: !ended });
  switch (printParseErrorCode(error)) {
    case 'InvalidNumberFormat':
      return at('invalid number');
    case 'PropertyNameExpected':
      if (ended) return at(before.endsWith(',') ? 'EOF while parsing a value' : 'EOF while parsing an object');
      return at(rest.startsWith('}') ? 'trailing comma' : 'key must be a string');
    case 'ValueExpected':
      if (ended) return at('EOF while parsing a value');
      return at(rest.startsWith(']') && before.endsWith(',') ? 'trailing comma' : 'expected value');
    case 'ColonExpected':
      return at(ended ? 'EOF while parsing an object' : 'expected `:`');
    case 'CommaExpected':
    case 'CloseBraceExpected':
    case 'CloseBracketExpected':
      if (ended) return at(`EOF while parsing ${inList ? 'a list' : 'an object'}`);
      return at(`expected \`,\` or \`${inList ? ']' : '}'}\``);
    case 'EndOfFileExpected':
      return at('trailing characters');
    case 'UnexpectedEndOfString': {
      const end = text.indexOf('\n', offset);
      return end < 0 ? { why: 'EOF while parsing a string', read: text.length } : { why: CONTROL, read: end + 1 };
    }
    case 'InvalidCharacter':
      return at(CONTROL);
    case 'InvalidUnicode':
    case 'InvalidEscapeCharacter':
      return at('invalid escape');
    default:
      if (around === null && before !== '') return at('trailing characters');
      return at(before.endsWith('{') ? 'key must be a string' : 'expected value');
  }
}

/** The bracket of the innermost list or object that a text leaves open; null: none. */
function innermost(text: string): string | null {
  const open: string[] = [];
  for (const [sign] of text.replace(/"(?:\\[^]|[^"\\])*"?/g, '').matchAll(/[[\]{}]/g))
    if (sign === '[' || sign === '{') open.push(sign);
    else open.pop();
  return open.at(-1) ?? null;
}

const CONTROL = String.raw`control character (\u0000-\u001F) found while parsing a string`;
