/**
 * A patch while the model writes it (docs/protocol/turns.md §5). Each line is read once, when it is complete. The files
 * are not read: clients see the content of the patch.
 */
import type { FileUpdateChange } from '../../../../schema/protocol/threads/item.js';
import { MARKS, MAX_PATCH_CHARACTERS, undecorated } from './parse-patch.js';

/** One `@@` part, in its shown form. */
interface Part {
  head: string;
  removed: string;
  added: string;
  tail: string;
}

type FileProgress =
  | { readonly kind: 'add'; content: string }
  | { readonly kind: 'delete' }
  | { readonly kind: 'update'; moveTo: string | null; readonly parts: Part[] };

export class PatchProgress {
  #state: 'before' | 'inside' | 'whole' | 'broken' = 'before';
  /** By the path in the patch; for a file that appears twice, the last part counts. */
  readonly #files = new Map<string, FileProgress>();
  #file: FileProgress | null = null;
  /** The beginning of an incomplete line. */
  #begun = '';
  #characters = 0;

  /** Whether the changes differ now. */
  push(text: string): boolean {
    this.#characters += text.length;
    if (this.#characters > MAX_PATCH_CHARACTERS) this.#state = 'broken';
    if (this.#state === 'broken' || this.#state === 'whole') return false;
    const [first = '', ...rest] = text.split('\n');
    this.#begun += first;
    let changed = false;
    for (const next of rest) {
      changed = this.#line(this.#begun) || changed;
      this.#begun = next;
    }
    return changed;
  }

  /** Ends the patch. False: it is not a patch, and must not be shown any more. */
  end(): boolean {
    if (this.#state === 'inside') this.#line(this.#begun);
    return this.#state === 'whole';
  }

  /** Sorted by path. */
  changes(): FileUpdateChange[] {
    return [...this.#files]
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([path, file]): FileUpdateChange => {
        switch (file.kind) {
          case 'add':
            return { path, kind: { type: 'add' }, diff: file.content };
          case 'delete':
            return { path, kind: { type: 'delete' }, diff: '' };
          case 'update':
            return { path, kind: { type: 'update', move_path: file.moveTo }, diff: diffOf(file) };
        }
      });
  }

  #line(raw: string): boolean {
    const line = raw.replace(/\r$/, '');
    if (this.#state === 'before') {
      if (line.trim() === MARKS.begin) this.#state = 'inside';
      return false;
    }
    if (this.#state !== 'inside') return false;
    return line.trimStart().startsWith('*** ') && line !== MARKS.endOfFile
      ? this.#header(line.trim())
      : this.#content(line);
  }

  #header(line: string): boolean {
    const rest = (mark: string): string => undecorated(line.slice(mark.length).trim());
    if (line === MARKS.end) this.#state = 'whole';
    else if (line.startsWith(MARKS.add)) return this.#begin(rest(MARKS.add), { kind: 'add', content: '' });
    else if (line.startsWith(MARKS.delete)) return this.#begin(rest(MARKS.delete), { kind: 'delete' });
    else if (line.startsWith(MARKS.update))
      return this.#begin(rest(MARKS.update), { kind: 'update', moveTo: null, parts: [] });
    else if (line.startsWith(MARKS.move) && this.#file?.kind === 'update') {
      this.#file.moveTo = rest(MARKS.move);
      return true;
    } else this.#state = 'broken';
    return false;
  }

  #begin(path: string, file: FileProgress): boolean {
    this.#file = file;
    this.#files.set(path, file);
    return true;
  }

  #content(line: string): boolean {
    const file = this.#file;
    if (file?.kind === 'add' && line.startsWith('+')) {
      file.content += `${line.slice(1)}\n`;
      return true;
    }
    if (file?.kind === 'update') {
      const part = file.parts.at(-1);
      if ((line.trimEnd() === '@@' || line.startsWith('@@ ')) && !isEmpty(part))
        return begun(file.parts, `${line.trimEnd()}\n`);
      if (line === MARKS.endOfFile && part !== undefined) {
        part.tail = `${line}\n`;
        return true;
      }
      if (line === '' && part === undefined) return false;
      if (/^(?:[ +-]|$)/.test(line)) {
        if (part === undefined) begun(file.parts, '@@\n');
        return grown(file.parts.at(-1), line);
      }
    }
    if (line.trim() !== '') this.#state = 'broken';
    return false;
  }
}

function begun(parts: Part[], head: string): boolean {
  parts.push({ head, removed: '', added: '', tail: '' });
  return true;
}

const isEmpty = (part: Part | undefined): boolean => part?.removed === '' && part.added === '';

/** A line of context is shown as in the reference: as removed, and as added again. */
function grown(part: Part | undefined, line: string): boolean {
  if (part === undefined) return false;
  const text = `${line.slice(1)}\n`;
  if (!line.startsWith('+')) part.removed += `-${text}`;
  if (!line.startsWith('-')) part.added += `+${text}`;
  return true;
}

function diffOf({ moveTo, parts }: Extract<FileProgress, { kind: 'update' }>): string {
  const shown = parts.map(({ head, removed, added, tail }) => head + removed + added + tail).join('');
  return moveTo === null ? shown : `${shown}\n\nMoved to: ${moveTo}`;
}
