import type { ComponentChildren, JSX } from 'preact';

export type Tone = 'good' | 'bad' | 'warn' | 'plain' | 'active';

/** A short word about a state. The word says it; the colour only helps. */
export const Badge = ({
  tone,
  children,
}: {
  readonly tone: Tone;
  readonly children: ComponentChildren;
}): JSX.Element => <span class={`badge badge-${tone}`}>{children}</span>;
