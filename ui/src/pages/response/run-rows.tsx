/** The rows of the table of runs. */

import type { Run } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { timeText, wholeTimeText } from '../../format.ts';
import { addressWith } from '../../place.ts';
import { RunBadge } from '../../shared/decide-run.tsx';
import { ShortText } from '../../shared/text.tsx';
import { useVirtualRows } from '../../shared/virtual-rows.ts';

export interface RunRowsProps {
  readonly runs: readonly Run[];
  readonly hasMore: boolean;
  /** Index of the row that keys mean; -1: none. */
  readonly current: number;
  readonly onCurrent: (index: number) => void;
  readonly onEnd: () => void;
  /** Whether the first row is in sight. */
  readonly onTop: (isTop: boolean) => void;
}

const ROW_PX = 44;
const PHONE_ROW_PX = 104;
const heads = ['Time', 'State', 'Rule', 'Action', 'Target', 'Summary'] as const;

export function RunRows({ runs, hasMore, current, onCurrent, onEnd, onTop }: RunRowsProps): JSX.Element {
  const { scroller, items, totalPx } = useVirtualRows({
    count: runs.length,
    idOf: (index) => runs[index]?.id,
    current,
    rowPx: ROW_PX,
    narrowRowPx: PHONE_ROW_PX,
  });
  const lastIndex = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && lastIndex >= runs.length - 20) onEnd();
  }, [lastIndex, runs.length, hasMore]);
  return (
    <div
      class="run-rows"
      ref={scroller}
      role="table"
      aria-label="Runs"
      aria-rowcount={hasMore ? -1 : runs.length + 1}
      onScroll={({ currentTarget }) => onTop(currentTarget.scrollTop < ROW_PX)}
    >
      <div role="rowgroup" class="run-head-group">
        <div role="row" tabIndex={-1} aria-rowindex={1} class="run-row run-head">
          {heads.map((title) => (
            <div key={title} role="columnheader" tabIndex={-1}>
              {title}
            </div>
          ))}
        </div>
      </div>
      <div role="rowgroup" style={{ height: `${totalPx}px`, position: 'relative' }}>
        {items.map(({ index, start, key }) => {
          const run = runs[index];
          return run === undefined ? null : (
            <div
              key={key}
              role="row"
              tabIndex={-1}
              aria-rowindex={index + 2}
              data-id={run.id}
              class={`run-row is-placed${index === current ? ' is-current' : ''}`}
              style={{ transform: `translateY(${start}px)` }}
            >
              <RunRow run={run} onFocus={() => onCurrent(index)} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

function RunRow({ run, onFocus }: { readonly run: Run; readonly onFocus: () => void }): JSX.Element {
  const { id, decidedTime, state, rule, action, target, summary } = run;
  return (
    <>
      <div role="cell" class="run-time">
        <time dateTime={decidedTime} title={wholeTimeText(decidedTime)}>
          {timeText(decidedTime)}
        </time>
      </div>
      <div role="cell" class="run-state">
        <RunBadge state={state} />
      </div>
      <div role="cell" class="run-rule">
        <ShortText value={rule} limit={120} />
      </div>
      <div role="cell" class="run-action">
        <a href={addressWith({ run: id })} onFocus={onFocus}>
          <ShortText value={action} limit={120} />
        </a>
      </div>
      <div role="cell" class="run-target">
        <ShortText value={target} limit={160} />
      </div>
      <div role="cell" class="run-summary quiet">
        <ShortText value={summary} limit={240} />
      </div>
    </>
  );
}
