/**
 * Threat: text of a model or a server is markup that runs, loads or leads somewhere.
 * Rule: two locks. markdown-it makes HTML of Markdown only and escapes HTML in it; then DOMPurify keeps a short list of
 * elements. Links lead to http and https, in a new tab without a referrer; nothing is loaded. Scope: all Markdown
 * of the page. Non-scope: all other text, which the page never reads as markup.
 *
 * A file of its own in the build, because the page shows its frame without it.
 */
import DOMPurify from 'dompurify';
import MarkdownIt from 'markdown-it';
import { safeLink } from '../text/safe-link.js';

const markdown = new MarkdownIt({ html: false, linkify: false, typographer: false, breaks: false });
markdown.validateLink = (url) => safeLink(url) !== null;
// A picture would be a request to another host.
markdown.disable('image');

const purifier = DOMPurify(window);
const TAGS = [
  ...['p', 'br', 'hr', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'li', 'blockquote'],
  ...['pre', 'code', 'em', 'strong', 's', 'a', 'table', 'thead', 'tbody', 'tr', 'th', 'td'],
];
purifier.addHook('afterSanitizeAttributes', (node) => {
  if (node.tagName !== 'A') return;
  const address = safeLink(node.getAttribute('href') ?? '');
  if (address === null) node.removeAttribute('href');
  else {
    node.setAttribute('href', address);
    node.setAttribute('target', '_blank');
    node.setAttribute('rel', 'noreferrer noopener');
    // The text of a link can name another place than the link leads to.
    node.setAttribute('title', address);
  }
});

/** The elements of a text in Markdown. */
export const fragmentOf = (text: string): DocumentFragment =>
  purifier.sanitize(markdown.render(text), {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ['href', 'start'],
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  });
