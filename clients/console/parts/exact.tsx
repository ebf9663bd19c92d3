import type { JSX } from 'preact';
import { visible } from '../text/visible.js';

/**
 * A text that a person decides about, exactly as it is: characters without a shape are shown as codes, and the order of
 * the others is the order of the text.
 */
export function Exact({ text, block = false }: { readonly text: string; readonly block?: boolean }): JSX.Element {
  const pieces = visible(text).map(({ text: piece, code }) =>
    code ? (
      <span class="code-point" title="A character that cannot be seen">
        {piece}
      </span>
    ) : (
      piece
    ),
  );
  return block ? <pre class="exact exact-block">{pieces}</pre> : <code class="exact">{pieces}</code>;
}
