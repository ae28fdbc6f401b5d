/** The rows that can be seen, of a list of any length. */

import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  type VirtualItem,
  Virtualizer,
} from '@tanstack/virtual-core';
import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

export interface VirtualRowsOptions {
  readonly count: number;
  /** Of the row with that index. Its element has it as `data-id`, and a link in it takes the focus. */
  readonly idOf: (index: number) => string | undefined;
  /** Index of the row that keys mean; it is brought into sight. -1: none. */
  readonly current: number;
  /** Every row is as high as the style sheet says, so that nothing is measured and nothing jumps. */
  readonly rowPx: number;
  /** The same where the window is no wider than `NARROW_PX`. */
  readonly narrowRowPx: number;
}

export interface VirtualRows {
  /** To be set on what scrolls. */
  readonly scroller: RefObject<HTMLDivElement | null>;
  /** `start` is where the row is, in pixels. */
  readonly items: readonly VirtualItem[];
  readonly totalPx: number;
}

const NARROW_PX = 700;
const narrow = matchMedia(`(max-width: ${NARROW_PX}px)`);

export function useVirtualRows({
  count,
  idOf,
  current,
  rowPx,
  narrowRowPx,
}: VirtualRowsOptions): VirtualRows {
  const scroller = useRef<HTMLDivElement>(null);
  const [, redraw] = useState(0);
  const [virtual] = useState(
    () =>
      new Virtualizer<HTMLDivElement, HTMLDivElement>({
        count: 0,
        getScrollElement: () => scroller.current,
        estimateSize: () => (narrow.matches ? narrowRowPx : rowPx),
        overscan: 12,
        observeElementRect,
        observeElementOffset,
        scrollToFn: elementScroll,
        onChange: () => redraw((before) => before + 1),
      }),
  );
  virtual.setOptions({ ...virtual.options, count, getItemKey: (index) => idOf(index) ?? index });
  useEffect(() => virtual._didMount(), []);
  useLayoutEffect(() => virtual._willUpdate());
  useEffect(() => {
    const changed = (): void => virtual.measure();
    narrow.addEventListener('change', changed);
    return () => narrow.removeEventListener('change', changed);
  }, []);
  useEffect(() => {
    if (current < 0) return;
    virtual.scrollToIndex(current);
    const id = idOf(current);
    requestAnimationFrame(() => {
      for (const row of scroller.current?.querySelectorAll<HTMLElement>('[data-id]') ?? [])
        if (row.dataset['id'] === id) row.querySelector<HTMLElement>('a')?.focus({ preventScroll: true });
    });
  }, [current]);
  return { scroller, items: virtual.getVirtualItems(), totalPx: virtual.getTotalSize() };
}
