/**
 * The ASCII form of a domain name, the same on every version of Node.
 *
 * Threat: the versions of Node differ. From Node 24 on `domainToASCII` returns ASCII text unchanged (`xn--a`, which is
 * not a valid label); earlier versions refuse it. All of them decode `%2e` and end a name at a slash. So one version
 * would accept a name that another version refuses, or reads as another name.
 * Rule: a text with characters that no name has is refused. A label that begins with `xn--` must decode to a non-ASCII
 * label that encodes to the same text (RFC 5891 §4.4, §5.5). Other texts are refused on every version.
 * Non-scope: characters that are missing in the Unicode tables of an older Node. It refuses them, and never reads them
 * as another name.
 */
// eslint-disable-next-line @typescript-eslint/no-restricted-imports -- the one place
import { domainToASCII, domainToUnicode } from 'node:url';

/** The ASCII characters of labels, and all other characters: Node's tables decide about those (UTS 46). */
const NAME_CHARACTERS = /^(?:[A-Za-z0-9._-]|[^\x00-\x7f])*$/;
const ASCII = /^[\x00-\x7f]*$/;

/**
 * The name in lower case with A-labels; null: it is invalid or ambiguous. The length of the name is not checked.
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
