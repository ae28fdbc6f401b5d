/** The fields of an alert in groups; each leads to the alerts that have it, or have it not. */

import type { Alert } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { addressOfClause } from '../../filter.ts';
import { copyText, Panel } from '../../shared/parts.tsx';
import { Text } from '../../shared/text.tsx';
import { type FieldRow, fieldGroups } from './field-groups.ts';

/** Longer values are no filter. */
const MOST_CLAUSE = 2_000;

function Row({ row: { name, value, isEmpty } }: { readonly row: FieldRow }): JSX.Element {
  const clause = { field: name, value, isNegated: false };
  return (
    <div class="field">
      <dt>
        <Text value={name} limit={120} />
      </dt>
      <dd>
        {isEmpty ? (
          <span class="quiet">{value === '' ? 'empty' : value}</span>
        ) : (
          <Text value={value} limit={300} />
        )}
        <span class="field-acts">
          {!isEmpty && value.length <= MOST_CLAUSE && (
            <>
              <a
                class="act"
                href={addressOfClause(clause)}
                aria-label={`Alerts with this ${name}`}
                title="Alerts with this"
              >
                +
              </a>
              <a
                class="act"
                href={addressOfClause({ ...clause, isNegated: true })}
                aria-label={`Alerts with another ${name}`}
                title="Alerts without this"
              >
                −
              </a>
            </>
          )}
          <button
            type="button"
            class="act"
            aria-label={`Copy ${name}`}
            title="Copy"
            onClick={() => void copyText(value, name)}
          >
            <svg viewBox="0 0 16 16" aria-hidden="true">
              <path d="M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3" />
            </svg>
          </button>
        </span>
      </dd>
    </div>
  );
}

export function Fields({ fields }: { readonly fields: Alert['fields'] }): JSX.Element {
  const [hasEmpty, setEmpty] = useState(false);
  const groups = fieldGroups(fields);
  const emptyCount = groups.flatMap(({ rows }) => rows).filter(({ isEmpty }) => isEmpty).length;
  return (
    <Panel
      title="Fields"
      actions={
        emptyCount > 0 && (
          <label class="check">
            <input
              type="checkbox"
              checked={hasEmpty}
              onChange={(event) => setEmpty(event.currentTarget.checked)}
            />
            {emptyCount} empty
          </label>
        )
      }
    >
      {groups.map(({ title, rows }) => {
        const shown = rows.filter(({ isEmpty }) => hasEmpty || !isEmpty);
        return shown.length === 0 ? null : (
          <div class="field-group" key={title}>
            <h3>{title}</h3>
            <dl>
              {shown.map((row) => (
                <Row key={row.name} row={row} />
              ))}
            </dl>
          </div>
        );
      })}
      {groups.length === 0 && <p class="quiet">It has none.</p>}
    </Panel>
  );
}
