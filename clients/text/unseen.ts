/**
 * Threat: a command, host, path or name contains characters that a person does not see, or that change the order of
 * what they see (`U+202E` makes `exe.txt` of `txt.exe`). The person then approves another text than the one that runs.
 * Rule: this one list names all such characters, and every client of codexd shows each of them as a code where a person
 * decides. Scope: the list. Non-scope: the form of the codes (chat/text/safe-text.ts, console/text/visible.ts), and
 * letters that look alike; hosts come in ASCII form (`xn--…`) from the server.
 */

/**
 * Controls, formats (with all marks of direction and zero widths), private and unpaired units, spaces other than the
 * common one, line and paragraph separators, variation selectors, and fillers that are letters by their category. Not
 * the line feed, which is shown as a new line. It is global, for `replace` and `matchAll`, which start at the front.
 */
export const UNSEEN =
  /(?![ \n])[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Zs}\u{FE00}-\u{FE0F}\u{E0100}-\u{E01EF}\u034F\u115F\u1160\u17B4\u17B5\u3164\uFFA0]/gu;
