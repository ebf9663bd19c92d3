/** Entries of the transcript as lines of a width. */
import { Markdown, wrapTextWithAnsi, type MarkdownTheme } from '@earendil-works/pi-tui';
import { diffLine } from '../text/diff-lines.js';
import { itemLines } from '../text/item-lines.js';
import { visibleLine, visibleText } from '../text/safe-text.js';
import type { Styles } from '../text/styles.js';
import type { Entry } from './transcript.js';

export interface DrawOptions {
  readonly styles: Styles;
  readonly width: number;
  /** All lines of outputs and diffs, not only some. */
  readonly expanded: boolean;
}

const FOLDED = { output: 6, diff: 40 };
const HINT = 'Ctrl-O shows all';

/** Empty: nothing to show. */
export function drawEntry(entry: Entry, { styles, width, expanded }: DrawOptions): string[] {
  const wrapped = (lines: readonly string[]): string[] => lines.flatMap((line) => wrapLine(line, width));
  switch (entry.kind) {
    case 'item': {
      const { item, progress } = entry;
      if (item.type === 'agentMessage' || item.type === 'plan') return markdown(item.text, styles, width);
      const lines = itemLines(item, { styles, most: expanded ? null : FOLDED, hint: HINT });
      return wrapped(progress === null ? lines : [...lines, styles.dim(`  ${visibleLine(progress)}`)]);
    }
    case 'note': {
      const paint = { info: styles.dim, warning: styles.warning, error: styles.bad }[entry.tone];
      const lines = visibleText(entry.text).split('\n');
      return wrapped(lines.map((line, index) => paint(`${index === 0 ? NOTE_MARKS[entry.tone] : '  '}${line}`)));
    }
    case 'plan':
      return wrapped([
        styles.strong('plan'),
        ...(entry.explanation === null ? [] : [styles.dim(visibleLine(entry.explanation))]),
        ...entry.plan.map(({ step, status }) => {
          const text = `${PLAN_MARKS[status]} ${visibleLine(step)}`;
          return status === 'completed' ? styles.dim(text) : status === 'inProgress' ? styles.accent(text) : text;
        }),
      ]);
    case 'text':
      return wrapped(visibleText(entry.text).replace(/\n$/, '').split('\n'));
    case 'diff':
      return wrapped(
        entry.text
          .replace(/\n$/, '')
          .split('\n')
          .map((line) => diffLine(line, styles)),
      );
  }
}

const NOTE_MARKS = { info: '· ', warning: '! ', error: '✗ ' } as const;
const PLAN_MARKS = { completed: '[x]', inProgress: '[>]', pending: '[ ]' } as const;

/** Continued lines keep the indentation. */
function wrapLine(line: string, width: number): string[] {
  const indent = /^ */.exec(line)?.[0] ?? '';
  if (indent.length * 2 >= width) return wrapTextWithAnsi(line, width);
  return wrapTextWithAnsi(line.slice(indent.length), width - indent.length).map((part) => indent + part);
}

function markdown(text: string, styles: Styles, width: number): string[] {
  const safe = visibleText(text).trim();
  return safe === '' ? [] : new Markdown(safe, 0, 0, markdownTheme(styles)).render(width);
}

const plain = (text: string): string => text;
const markdownTheme = (styles: Styles): MarkdownTheme => ({
  heading: (text) => styles.strong(text),
  link: styles.underline,
  linkUrl: styles.dim,
  code: styles.accent,
  codeBlock: plain,
  codeBlockBorder: styles.dim,
  quote: styles.italic,
  quoteBorder: styles.dim,
  hr: styles.dim,
  listBullet: styles.accent,
  bold: styles.strong,
  italic: styles.italic,
  strikethrough: plain,
  underline: styles.underline,
});
