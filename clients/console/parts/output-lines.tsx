import type { JSX } from 'preact';
import type { Line } from '../text/ansi-lines.js';

/** One line of output with its colours. */
export const OutputLine = ({ line }: { readonly line: Line }): JSX.Element => (
  <>
    {line.map(({ text, classes, color, background }, index) =>
      classes === '' && color === null && background === null ? (
        text
      ) : (
        <span
          key={index}
          class={classes}
          style={{ ...(color !== null && { color }), ...(background !== null && { background }) }}
        >
          {text}
        </span>
      ),
    )}
  </>
);
