/** Draws the processes around an alert as a tree that can be walked with the arrow keys. */

import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { addressOfClause } from '../../filter.ts';
import { wholeTimeText } from '../../format.ts';
import { go } from '../../place.ts';
import { ShortText } from '../../shared/text.tsx';
import { type TreeRow, visibleRows } from './process-tree.ts';

const STEP = 22;
/** From the top of a row to its dot. */
const MIDDLE = 22;
/** Further than any row goes: what is below the row is cut off. */
const BOTTOM = 2_000;

/** Lines from the rows above; what is in them is the same for screen readers as levels. */
function Guides({ row, isOpen }: { readonly row: TreeRow; readonly isOpen: boolean }): JSX.Element {
  const { depth, guides, isLast } = row;
  const x = (level: number): number => level * STEP + STEP / 2;
  const width = (depth + 1) * STEP;
  return (
    <span class="tree-space" style={{ width: `${width}px` }}>
      <svg class="tree-lines" aria-hidden="true">
        {guides.map((goesOn, level) => (goesOn ? <path key={level} d={`M${x(level)} 0V${BOTTOM}`} /> : null))}
        {depth > 0 && <path d={`M${x(depth - 1)} 0V${MIDDLE}H${x(depth) - 6}`} />}
        {depth > 0 && !isLast && <path d={`M${x(depth - 1)} ${MIDDLE}V${BOTTOM}`} />}
        {isOpen && <path d={`M${x(depth)} ${MIDDLE + 6}V${BOTTOM}`} />}
        <circle
          class={`tree-dot is-${row.role}`}
          cx={x(depth)}
          cy={MIDDLE}
          r={row.role === 'self' ? 6 : 4.5}
        />
      </svg>
    </span>
  );
}

const roleTexts: Readonly<Record<TreeRow['role'], string>> = {
  ancestor: '',
  self: 'this process',
  sibling: 'sibling',
  child: 'child',
};

export function ProcessTree({ rows }: { readonly rows: readonly TreeRow[] }): JSX.Element {
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const [current, setCurrent] = useState(() => rows.find(({ role }) => role === 'self')?.key ?? rows[0]?.key);
  const list = useRef<HTMLUListElement>(null);
  const shown = visibleRows(rows, folded);
  const currentKey = shown.some(({ key }) => key === current) ? current : shown[0]?.key;

  const focus = (key: string | undefined): void => {
    if (key === undefined) return;
    setCurrent(key);
    for (const item of list.current?.querySelectorAll<HTMLElement>('[role=treeitem]') ?? [])
      if (item.dataset.key === key) item.focus();
  };
  const fold = (key: string, isFolded: boolean): void => {
    const next = new Set(folded);
    if (isFolded) next.add(key);
    else next.delete(key);
    setFolded(next);
  };
  const onKeyDown = (event: KeyboardEvent, row: TreeRow): void => {
    if (event.target !== event.currentTarget || event.altKey || event.ctrlKey || event.metaKey) return;
    const at = shown.indexOf(row);
    const act = {
      ArrowDown: () => focus(shown[at + 1]?.key),
      ArrowUp: () => focus(shown[at - 1]?.key),
      Home: () => focus(shown[0]?.key),
      End: () => focus(shown.at(-1)?.key),
      ArrowRight: () => {
        if (!row.hasChildren) return;
        if (folded.has(row.key)) fold(row.key, false);
        else focus(shown[at + 1]?.key);
      },
      Enter: () => go(addressOfClause({ field: 'proc.name', value: row.process.name, isNegated: false })),
      ArrowLeft: () => {
        if (row.hasChildren && !folded.has(row.key)) fold(row.key, true);
        else focus(row.key.slice(0, row.key.lastIndexOf('/')) || undefined);
      },
    }[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  };

  return (
    <ul class="tree" role="tree" aria-label="Processes" ref={list}>
      {shown.map((row) => {
        const { process, role, entersContainer } = row;
        const isOpen = row.hasChildren && !folded.has(row.key);
        const clause = { field: 'proc.name', value: process.name, isNegated: false };
        return (
          <li
            key={row.key}
            role="treeitem"
            data-key={row.key}
            class={`tree-row is-${role}${process.isGone === true ? ' is-gone' : ''}${entersContainer === undefined ? '' : ' enters-container'}`}
            tabIndex={row.key === currentKey ? 0 : -1}
            aria-level={row.depth + 1}
            aria-posinset={row.position}
            aria-setsize={row.setSize}
            aria-expanded={row.hasChildren ? isOpen : undefined}
            aria-current={role === 'self' ? 'true' : undefined}
            aria-selected={row.key === currentKey}
            onFocus={() => setCurrent(row.key)}
            onKeyDown={(event) => onKeyDown(event, row)}
          >
            <Guides row={row} isOpen={isOpen} />
            <span class="tree-label">
              <span class="tree-name">
                {row.hasChildren && (
                  <button
                    type="button"
                    class="tree-fold"
                    tabIndex={-1}
                    aria-label={isOpen ? 'Hide what is beneath' : 'Show what is beneath'}
                    onClick={() => fold(row.key, isOpen)}
                  >
                    {isOpen ? '▾' : '▸'}
                  </button>
                )}
                <a href={addressOfClause(clause)} tabIndex={-1}>
                  <ShortText value={process.name} limit={80} />
                </a>
                {process.pid !== undefined && <span class="quiet"> {process.pid}</span>}
                {process.user !== undefined && process.user !== '' && (
                  <span class="quiet">
                    {' · '}
                    <ShortText value={process.user} limit={40} />
                  </span>
                )}
                {roleTexts[role] !== '' && <span class={`chip is-${role}`}>{roleTexts[role]}</span>}
                {process.isGone === true && <span class="chip">ended</span>}
                {entersContainer !== undefined && (
                  <span class="chip is-container">
                    container <ShortText value={entersContainer} limit={12} />
                  </span>
                )}
              </span>
              <span
                class="tree-command"
                title={process.startTime && `started ${wholeTimeText(process.startTime)}`}
              >
                <ShortText value={process.cmdline ?? process.exePath ?? ''} limit={300} />
              </span>
            </span>
          </li>
        );
      })}
    </ul>
  );
}
