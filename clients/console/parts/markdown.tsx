import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type * as MarkdownModule from '../markdown/markdown.js';
import { say } from '../state/notices.js';

type Loaded = typeof MarkdownModule;

/** Null: not loaded yet, and texts are shown as they were written. */
const library = signal<Loaded | null>(null);
let loading = false;

/** The build makes it a file of its own, beside console.js. */
function load(): void {
  if (loading) return;
  loading = true;
  import('../markdown/markdown.js').then(
    (loaded: Loaded) => (library.value = loaded),
    (error: Error) => say('bad', `Markdown is shown as it was written: ${error.message}`),
  );
}

/** Markdown of a model, or of anybody. The first one loads what reads it. */
export function Markdown({ text }: { readonly text: string }): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const loaded = library.value;
  load();
  useLayoutEffect(() => {
    place.current?.replaceChildren(loaded === null ? text : loaded.fragmentOf(text));
  }, [text, loaded]);
  return <div ref={place} class={loaded === null ? 'markdown as-written' : 'markdown'} dir="auto" />;
}
