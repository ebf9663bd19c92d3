/**
 * Text of models and commands for a person's terminal.
 *
 * Threat: escape sequences in the text write to the clipboard, change the title, or hide and forge lines.
 *
 * Rule: on a terminal, control characters and characters that change the reading order are shown as `\\u001b`. In a
 * line of JSON that is the same text. A pipe receives the bytes unchanged.
 */
import { visibleText } from '../../../clients/chat/text/safe-text.js';

export function terminalText(text: string, stream: { readonly isTTY?: boolean | undefined }): string {
  return stream.isTTY === true ? visibleText(text) : text;
}
