/** The rows of the list of alerts. */

import type { Alert } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { timeText, wholeTimeText } from '../../format.ts';
import { PriorityBadge, StateBadge } from '../../shared/parts.tsx';
import { ShortText } from '../../shared/text.tsx';
import { useVirtualRows } from '../../shared/virtual-rows.ts';

export interface RowsProps {
  readonly alerts: readonly Alert[];
  readonly hasMore: boolean;
  readonly picked: ReadonlySet<string>;
  /** Index of the row that keys mean; -1: none. */
  readonly current: number;
  readonly onPick: (id: string) => void;
  readonly onCurrent: (index: number) => void;
  readonly onEnd: () => void;
  /** Whether the first row is in sight. */
  readonly onTop: (isTop: boolean) => void;
}

const ROW_PX = 44;
const PHONE_ROW_PX = 76;

export function Rows(props: RowsProps): JSX.Element {
  const { alerts, hasMore, picked, current, onPick, onCurrent, onEnd, onTop } = props;
  const { scroller, items, totalPx } = useVirtualRows({
    count: alerts.length,
    idOf: (index) => alerts[index]?.id,
    current,
    rowPx: ROW_PX,
    narrowRowPx: PHONE_ROW_PX,
  });
  const lastIndex = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && lastIndex >= alerts.length - 20) onEnd();
  }, [lastIndex, alerts.length, hasMore]);

  return (
    <div
      class="alert-rows"
      ref={scroller}
      role="table"
      aria-label="Alerts"
      aria-rowcount={hasMore ? -1 : alerts.length}
      onScroll={({ currentTarget }) => onTop(currentTarget.scrollTop < ROW_PX)}
    >
      <div role="rowgroup" style={{ height: `${totalPx}px`, position: 'relative' }}>
        {items.map(({ index, start, key }) => {
          const alert = alerts[index];
          return alert === undefined ? null : (
            <div
              key={key}
              role="row"
              tabIndex={-1}
              aria-rowindex={index + 1}
              data-id={alert.id}
              class={`alert-row priority-edge-${alert.priority.toLowerCase()}${index === current ? ' is-current' : ''}`}
              style={{ transform: `translateY(${start}px)` }}
            >
              <AlertRow
                alert={alert}
                isPicked={picked.has(alert.id)}
                onPick={() => onPick(alert.id)}
                onFocus={() => onCurrent(index)}
              />
            </div>
          );
        })}
      </div>
    </div>
  );
}

function AlertRow({
  alert,
  isPicked,
  onPick,
  onFocus,
}: {
  readonly alert: Alert;
  readonly isPicked: boolean;
  readonly onPick: () => void;
  readonly onFocus: () => void;
}): JSX.Element {
  const { id, time, priority, rule, output, hostname, state } = alert;
  return (
    <>
      <div role="cell">
        <input
          type="checkbox"
          aria-label={`Choose ${rule.slice(0, 100)}`}
          checked={isPicked}
          onChange={onPick}
        />
      </div>
      <div role="cell" class="alert-time">
        <time dateTime={time} title={wholeTimeText(time)}>
          {timeText(time)}
        </time>
      </div>
      <div role="cell" class="alert-priority">
        <PriorityBadge priority={priority} />
      </div>
      <div role="cell" class="alert-rule">
        <a href={`/alerts/${encodeURIComponent(id)}`} onFocus={onFocus}>
          <ShortText value={rule} limit={120} />
        </a>
      </div>
      <div role="cell" class="alert-output">
        <ShortText value={output} limit={300} />
      </div>
      <div role="cell" class="alert-host quiet">
        <ShortText value={hostname} limit={60} />
      </div>
      <div role="cell" class="alert-state">
        <StateBadge state={state} />
      </div>
    </>
  );
}
