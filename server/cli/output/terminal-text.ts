/**
 * Text of models and commands for a person's terminal.
 *
 * Threat: escape sequences in the text write to the clipboard, change the title, or hide and forge lines.
 *
 * Rule: on a terminal, control characters and characters that change the reading order are shown as `\\u001b`. In a
 * line of JSON that is the same text. A pipe receives the bytes unchanged.
 */
export function terminalText(text: string, stream: { readonly isTTY?: boolean | undefined }): string {
  return stream.isTTY === true ? visible(text) : text;
}

/** All control characters except tab and line feed. CR LF counts as one line end. */
function visible(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(CONTROL, (char) => {
    const code = char.charCodeAt(0).toString(16).padStart(4, '0');
    return `\\u${code}`;
  });
}

/**
 * C0, DEL and C1; characters that control the writing direction; line and paragraph separators; spaces without width.
 */
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
