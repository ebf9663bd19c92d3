/**
 * The one ASCII form of a domain name, alike on every Node.
 *
 * Threat: Node's own readers differ. From Node 24 on `domainToASCII` passes ASCII text on as it is (`xn--a`, which
 * decodes to nothing), earlier ones refuse it; all of them decode `%2e` and end a name at a slash. A name would be
 * judged on one Node and refused, or read as another, on the next.
 * Rule: text that is no name by its characters is refused. A label that begins with `xn--` must decode to something
 * beyond ASCII that is written exactly so (RFC 5891 §4.4, §5.5); anything else is refused on every Node.
 * Non-scope: characters that a Node's Unicode tables do not know yet. An older Node refuses them, and never reads them
 * as another name.
 */
// eslint-disable-next-line @typescript-eslint/no-restricted-imports -- the one place
import { domainToASCII, domainToUnicode } from 'node:url';

/** ASCII that a label may have, and everything beyond ASCII, whose form Node's tables decide (UTS 46). */
const NAME_CHARACTERS = /^(?:[A-Za-z0-9._-]|[^\x00-\x7f])*$/;
const ASCII = /^[\x00-\x7f]*$/;

/**
 * The name in lower case with A-labels; null when it has none, or could be read in two ways. Lengths are not looked at.
 */
export function asciiName(text: string): string | null {
  if (!NAME_CHARACTERS.test(text)) return null;
  const name = ASCII.test(text) ? text.toLowerCase() : domainToASCII(text);
  return name !== '' && (!name.includes('xn--') || decodes(name)) ? name : null;
}

function decodes(name: string): boolean {
  const written = domainToUnicode(name);
  if (domainToASCII(written) !== name) return false;
  const labels = written.split('.');
  return name.split('.').every((label, index) => !label.startsWith('xn--') || !ASCII.test(labels[index] ?? ''));
}
