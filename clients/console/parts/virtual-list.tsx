import { useSignal } from '@preact/signals';
import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';

interface VirtualListProps {
  readonly count: number;
  /** In pixels. All rows have this height. */
  readonly rowHeight: number;
  readonly row: (index: number) => ComponentChildren;
  readonly label: string;
  readonly class?: string;
  /** Stays at the end while it grows, unless the person scrolled up. */
  readonly follow?: boolean;
  /** The roles of a list (default), or of a log that only grows. */
  readonly role?: 'list' | 'log';
}

/** A list of any length: only the rows that are seen are in the page. */
export function VirtualList(props: VirtualListProps): JSX.Element {
  const { count, rowHeight, row, label, follow = false, role = 'list' } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const turn = useSignal(0);
  const atEnd = useRef(true);
  const options = {
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    overscan: 12,
    onChange: () => void turn.value++,
  };
  const virtual = useRef<Virtualizer<HTMLDivElement, HTMLElement> | null>(null);
  const list = (virtual.current ??= new Virtualizer<HTMLDivElement, HTMLElement>(options));
  list.setOptions(options);
  useEffect(() => list._didMount(), []);
  useLayoutEffect(() => list._willUpdate());
  useLayoutEffect(() => {
    const element = scroller.current;
    if (follow && atEnd.current && element) element.scrollTop = element.scrollHeight;
  }, [count, follow]);
  // Reading the signal redraws this component when the visible rows change.
  void turn.value;
  return (
    <div
      ref={scroller}
      class={`virtual ${props.class ?? ''}`}
      tabIndex={0}
      role={role}
      aria-label={label}
      aria-live={role === 'log' ? 'off' : undefined}
      onScroll={({ currentTarget: at }) => {
        atEnd.current = at.scrollHeight - at.scrollTop - at.clientHeight < rowHeight * 2;
      }}
    >
      <div class="virtual-inner" style={{ height: `${list.getTotalSize()}px` }}>
        {list.getVirtualItems().map(({ index, start }) => (
          <div
            key={index}
            class="virtual-row"
            role={role === 'list' ? 'listitem' : undefined}
            aria-setsize={role === 'list' ? count : undefined}
            aria-posinset={role === 'list' ? index + 1 : undefined}
            style={{ transform: `translateY(${start}px)`, height: `${rowHeight}px` }}
          >
            {row(index)}
          </div>
        ))}
      </div>
    </div>
  );
}
