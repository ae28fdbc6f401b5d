/** The exception as a form: its name, fields with a comparison, and rows of values. */

import type { Proposal } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import { countText } from '../../format.ts';
import { Panel } from '../../shared/parts.tsx';
import { ShortText } from '../../shared/text.tsx';
import {
  type Draft,
  draftProblem,
  withComp,
  withField,
  withoutField,
  withoutRow,
  withRow,
  withValue,
} from './draft.ts';

export interface EditorProps {
  readonly draft: Draft;
  readonly proposal: Proposal;
  readonly onChange: (draft: Draft) => void;
}

export function Editor({ draft, proposal, onChange }: EditorProps): JSX.Element {
  const facts = (name: string): Proposal['fields'][number] | undefined =>
    proposal.fields.find((field) => field.name === name);
  const others = proposal.fields.filter(({ name }) => !draft.fields.includes(name));
  const problem = draftProblem(draft);
  return (
    <Panel title="Exception">
      <label class="form-row">
        <span>Name</span>
        <input
          type="text"
          value={draft.name}
          maxLength={128}
          onInput={(event) => onChange({ ...draft, name: event.currentTarget.value })}
        />
      </label>
      {draft.values.map((row, r) => (
        <fieldset key={r} class="draft-row">
          <legend>
            {draft.values.length === 1
              ? 'All of these hold'
              : r === 0
                ? 'All of these hold'
                : 'or all of these'}
          </legend>
          {draft.fields.map((field, i) => (
            <div key={field} class="draft-field">
              <span class="draft-name">
                <ShortText value={field} limit={80} />
              </span>
              <select
                aria-label={`Comparison of ${field}`}
                value={draft.comps[i]}
                disabled={r > 0}
                onChange={(event) => onChange(withComp(draft, i, event.currentTarget.value))}
              >
                {[...new Set([draft.comps[i] ?? '=', ...(facts(field)?.comps ?? [])])].map((comp) => (
                  <option key={comp}>{comp}</option>
                ))}
              </select>
              <input
                type="text"
                dir="auto"
                aria-label={`Value of ${field}`}
                value={row[i] ?? ''}
                maxLength={8_192}
                list={`values-${i}`}
                onInput={(event) => onChange(withValue(draft, r, i, event.currentTarget.value))}
              />
              <button
                type="button"
                class="act"
                aria-label={`Leave out ${field}`}
                title="Leave this out: wider"
                disabled={draft.fields.length < 2}
                onClick={() => onChange(withoutField(draft, i))}
              >
                ×
              </button>
            </div>
          ))}
          {draft.values.length > 1 && (
            <button type="button" class="button is-small" onClick={() => onChange(withoutRow(draft, r))}>
              Remove these
            </button>
          )}
        </fieldset>
      ))}
      {draft.fields.map((field, i) => (
        <datalist key={field} id={`values-${i}`}>
          {facts(field)?.values.map(({ value }) => (
            <option key={value} value={value} />
          ))}
        </datalist>
      ))}
      {draft.fields.map((field) => {
        const more = facts(field)?.values ?? [];
        return more.length < 2 ? null : (
          <p class="chips" key={field}>
            <span class="quiet">{field}:</span>
            {more.slice(0, 8).map(({ value, count }) => (
              <button
                type="button"
                class="chip"
                key={value}
                onClick={() =>
                  onChange(withValue(draft, draft.values.length - 1, draft.fields.indexOf(field), value))
                }
              >
                <ShortText value={value} limit={60} /> <span class="quiet">{countText(count)}</span>
              </button>
            ))}
          </p>
        );
      })}
      <div class="row">
        <label>
          <span class="unseen">Another field</span>
          <select
            value=""
            onChange={(event) => {
              const field = facts(event.currentTarget.value);
              const value = field?.values[0]?.value;
              if (field !== undefined && value !== undefined) onChange(withField(draft, field.name, value));
            }}
          >
            <option value="">Another field…</option>
            {others.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <button type="button" class="button is-small" onClick={() => onChange(withRow(draft))}>
          Other values, too
        </button>
      </div>
      {problem !== undefined && (
        <p class="bad" role="alert">
          {problem}
        </p>
      )}
    </Panel>
  );
}
