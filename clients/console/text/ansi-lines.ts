/** Output of commands as lines of coloured spans. Cursor movements are dropped: a terminal shows those. */
import { AnsiUp } from 'ansi_up';

export interface Span {
  readonly text: string;
  /** Names of classes (`ansi-red-fg`), with a space between them. */
  readonly classes: string;
  /** Colours outside of the sixteen, as CSS values. */
  readonly color: string | null;
  readonly background: string | null;
}
export type Line = readonly Span[];

export interface AnsiLines {
  /** Complete lines, oldest first, and the open one at the end. */
  readonly lines: readonly Line[];
  /** Lines that are no longer kept. */
  readonly dropped: number;
  push(bytes: Uint8Array, stream: string): void;
}

/** More lines are dropped from the start. */
const MOST_LINES = 50_000;
/** Longer lines are cut: one endless line must not stop the page. In characters. */
const MOST_CHARACTERS = 8000;
/** Lines are removed in blocks, because each removal moves all others. */
const BLOCK = 5000;

export function createAnsiLines(): AnsiLines {
  const parser = new AnsiUp();
  parser.use_classes = true;
  parser.url_allowlist = {};
  const decoders = new Map<string, InstanceType<typeof TextDecoder>>();
  const lines: Line[] = [];
  let open = '';
  let dropped = 0;

  const finish = (): void => {
    const shown = written(open).slice(0, MOST_CHARACTERS);
    open = '';
    lines.push(spansOf(parser.ansi_to_html(shown)));
    if (lines.length > MOST_LINES + BLOCK) {
      lines.splice(0, BLOCK);
      dropped += BLOCK;
    }
  };
  return {
    get lines() {
      return open === '' ? lines : [...lines, [plain(withoutEscapes(written(open)))]];
    },
    get dropped() {
      return dropped;
    },
    push: (bytes, stream) => {
      const decoder = decoders.get(stream) ?? new TextDecoder();
      decoders.set(stream, decoder);
      const parts = decoder.decode(bytes, { stream: true }).split('\n');
      parts.forEach((part, index) => {
        open = (open + part).slice(-MOST_CHARACTERS * 2);
        if (index < parts.length - 1) finish();
      });
    },
  };
}

/** What is seen of a line: a carriage return starts it again, except at its end. */
const written = (line: string): string => line.replace(/\r+$/, '').replace(/^.*\r/s, '');

const plain = (text: string): Span => ({ text, classes: '', color: null, background: null });

/** Escape sequences and other controls, for a line whose end has not come yet. */
const withoutEscapes = (text: string): string =>
  text
    .replace(/\u001b(?:\[[0-?]*[ -/]*[@-~]?|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|.)?/g, '')
    .replace(/[\0-\x08\x0b-\x1f]/g, '');

const TAG = /<span(?: style="([^"]*)")?(?: class="([^"]*)")?>([^<]*)<\/span>|([^<]+)|</g;

/**
 * The spans in the HTML of ansi_up, which has this one form and escapes all text. Whatever does not match is text, and
 * the page only makes text nodes.
 */
export function spansOf(html: string): Line {
  const spans: Span[] = [];
  for (const [, style = '', classes = '', inside, outside] of html.matchAll(TAG)) {
    const text = unescaped(inside ?? outside ?? '<');
    if (text === '') continue;
    const forms = FORMS.flatMap(([css, name]) => (style.includes(css) ? [name] : []));
    const names = [...(classes === '' ? [] : [classes]), ...forms].join(' ');
    spans.push({ text, classes: names, color: colour(style, 'color'), background: colour(style, 'background-color') });
  }
  return spans;
}

/** ansi_up has no classes for these. */
const FORMS = [
  ['font-weight:bold', 'ansi-bold'],
  ['opacity:0.7', 'ansi-faint'],
  ['font-style:italic', 'ansi-italic'],
  ['text-decoration:underline', 'ansi-underline'],
] as const;

const colour = (style: string, name: string): string | null =>
  new RegExp(`(?:^|;)${name}:(rgb\\([\\d,]+\\))`).exec(style)?.[1] ?? null;

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#x27;': "'",
};
const unescaped = (text: string): string =>
  text.replace(/&(?:amp|lt|gt|quot|#x27);/g, (entity) => ENTITIES[entity] ?? '');
