/**
 * Text of models and commands for a person's terminal.
 *
 * Threat: escape sequences in it write to the clipboard, change the title, hide or forge lines.
 * Rule: where the stream is a terminal, control characters, and those that change the order of what is read, are shown
 * as `\\u001b`; in a line of JSON that is the same text. A pipe gets the bytes as they are.
 */
export function terminalText(text: string, stream: { readonly isTTY?: boolean | undefined }): string {
  return stream.isTTY === true ? visible(text) : text;
}

/** All but tab and line feed; a line end of CR LF is one. */
function visible(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(CONTROL, (char) => {
    const code = char.charCodeAt(0).toString(16).padStart(4, '0');
    return `\\u${code}`;
  });
}

/** C0, DEL and C1; what steers the direction of writing; line and paragraph separators; blanks of no width. */
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
