/**
 * Text of models, commands, files, servers and paths, for a person's terminal.
 *
 * Threat: escape sequences in such text change the title, write to the clipboard, answer for the person, or erase and
 * forge lines, so that the person approves something else than what is shown. Characters that change the reading order
 * do the same without an escape.
 *
 * Rule: every text passes `visibleText` or `outputText` before it is styled, and every line of the full screen passes
 * `guardedLine` as its last step. A control character becomes its visible code (`\u001b`). Output of commands keeps
 * some colors.
 *
 * Scope: what codexd's own programs write to a terminal. Non-scope: letters that look alike.
 */
import { UNSEEN } from '../../text/unseen.js';

/**
 * C0 without tab and line feed, DEL and C1; soft hyphen; characters that control the writing direction; line and
 * paragraph separators; spaces without width; tags; halves of surrogate pairs. Joiners stay: scripts and emoji need
 * them.
 */
const CONTROL =
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Cs}/gu;

/** Makes control characters visible; CR LF counts as one line end. Tabs and line feeds stay. */
export function visibleText(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(CONTROL, code);
}

/** The same on one line: line feeds and tabs become blanks. For facts that a line of the program contains. */
export function visibleLine(text: string): string {
  return visibleText(text).replace(/[\n\t]+/g, ' ');
}

/**
 * Text that a person decides about. What has no shape of its own is visible, too (text/unseen.ts): joiners, variation
 * selectors, fillers, private characters, and blanks other than the common one. Tabs and line feeds stay.
 */
export const exactText = (text: string): string =>
  visibleText(text).replace(UNSEEN, (char) => (char === '\t' ? char : code(char)));
/** The same on one line. */
export const exactLine = (text: string): string => visibleLine(text).replace(UNSEEN, code);

/**
 * Output of a command. A carriage return starts a new line, so that no line can replace an earlier one. Colors that
 * cannot hide text are kept: the usual foregrounds without black and white, bold, faint, italic, underlined. Each line
 * ends its own colors. Other sequences of the form `CSI … letter` are dropped; every other control character is made
 * visible.
 */
export function outputText(text: string, colors: boolean): string {
  const lines = text.replace(/\r\n?/g, '\n').split('\n');
  return lines.map((line) => outputLine(line, colors)).join('\n');
}

const CSI = /\u001b\[([0-9;:<=>?]*)[ -/]*([@-~])/g;

function outputLine(line: string, colors: boolean): string {
  let [result, from, painted] = ['', 0, false];
  for (const { 0: sequence, 1: parameters = '', 2: letter, index } of line.matchAll(CSI)) {
    result += visibleText(line.slice(from, index));
    from = index + sequence.length;
    const kept = letter === 'm' && colors ? allowedColors(parameters) : '';
    if (kept === '') continue;
    painted = true;
    result += `\u001b[${kept}m`;
  }
  return `${result}${visibleText(line.slice(from))}${painted ? RESET : ''}`;
}

const RESET = '\u001b[0m';

/** A list with an extended color (38, 48) is refused whole, because its numbers have another meaning. */
function allowedColors(parameters: string): string {
  const codes = parameters.split(';').map((word) => (word === '' ? '0' : word));
  if (codes.includes('38') || codes.includes('48')) return '';
  return codes.filter((word) => ALLOWED.has(word)).join(';');
}
const ALLOWED: ReadonlySet<string> = new Set(
  [0, 1, 2, 3, 4, 22, 23, 24, 31, 32, 33, 34, 35, 36, 39, 91, 92, 93, 94, 95, 96].map(String),
);

/**
 * The last step of a line of the full screen: it contains only printable text, the program's own styles (`CSI … m`),
 * and `marker`, the library's mark of the cursor.
 */
export function guardedLine(line: string, marker: string): string {
  const parts = line.split(OWN);
  return parts
    .map((part, index) => (index % 2 === 1 ? part : part.split(marker).map(withoutControl).join(marker)))
    .join('');
}
const OWN = /(\u001b\[[0-9;]*m)/;
const withoutControl = (text: string): string => text.replace(CONTROL, code).replace(/[\n\t]/g, ' ');

/** A character outside of the first plane becomes two codes, as in JSON. */
function code(char: string): string {
  const units = Array.from({ length: char.length }, (_none, index) => char.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}
