/** What needs attention now: open incidents by priority, outputs that fail, sensors that are silent or blind. */

import type { Overview } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import type { ApiProblem } from '../../api.ts';
import { countText, priorities } from '../../format.ts';
import { Age, Panel, PriorityBadge } from '../../shared/parts.tsx';
import { ShortText } from '../../shared/text.tsx';
import type { Trouble } from './troubles.ts';

export interface AttentionProps {
  readonly open: Overview['open'] | undefined;
  /** `undefined`: not known yet. */
  readonly troubles: readonly Trouble[] | undefined;
  /** Outputs or sensors cannot be told of now. */
  readonly problem: ApiProblem | undefined;
}

const MOST_TROUBLES = 6;

/** They come before outputs and sensors; the others after. */
const isUrgent = ({ priority }: Overview['open'][number]): boolean =>
  priorities.indexOf(priority) <= priorities.indexOf('Error');

export function AttentionPanel({ open, troubles, problem }: AttentionProps): JSX.Element {
  const isKnown = open !== undefined && troubles !== undefined && problem === undefined;
  const rest = (troubles?.length ?? 0) - MOST_TROUBLES;
  return (
    <Panel title="Needs attention" class="overview-attention" actions={<Summary open={open} />}>
      {isKnown && open.length === 0 && troubles.length === 0 ? (
        <div class="overview-calm" role="status">
          <p>
            <span aria-hidden="true">✓</span> Nothing needs attention.
          </p>
          <p class="quiet">No incident is open, outputs deliver, and sensors report without losses.</p>
        </div>
      ) : (
        <ul class="attention-rows">
          {open?.filter(isUrgent).map((row) => (
            <OpenRow key={row.priority} row={row} />
          ))}
          {troubles?.slice(0, MOST_TROUBLES).map((trouble) => (
            <TroubleRow key={trouble.key} trouble={trouble} />
          ))}
          {problem !== undefined && (
            <li class="bad">How outputs and sensors are is not known: {problem.message}</li>
          )}
          {rest > 0 && (
            <li class="quiet">
              and {countText(rest)} more: see <a href="/outputs">outputs</a> and{' '}
              <a href="/sensors">sensors</a>
            </li>
          )}
          {open
            ?.filter((row) => !isUrgent(row))
            .map((row) => (
              <OpenRow key={row.priority} row={row} />
            ))}
        </ul>
      )}
    </Panel>
  );
}

function Summary({ open }: { readonly open: Overview['open'] | undefined }): JSX.Element {
  const sum = (of: (row: Overview['open'][number]) => number): number =>
    (open ?? []).reduce((all, row) => all + of(row), 0);
  const unassigned = sum(({ unassignedCount }) => unassignedCount);
  if (open === undefined || open.length === 0) return <a href="/incidents?state=all">All incidents</a>;
  return (
    <span class="row">
      <a href="/incidents">{countText(sum(({ count }) => count))} open</a>
      {unassigned > 0 && <a href="/incidents?unassigned=true">{countText(unassigned)} with nobody</a>}
    </span>
  );
}

function OpenRow({ row }: { readonly row: Overview['open'][number] }): JSX.Element {
  const { priority, count, unassignedCount, latest } = row;
  const address = `/incidents?priority=${priority}`;
  return (
    <li class={`attention-row priority-edge-${priority.toLowerCase()}`}>
      <p class="attention-counts">
        <PriorityBadge priority={priority} />
        <a href={address}>{countText(count)} open</a>
        {unassignedCount > 0 && (
          <a class="quiet-link" href={`${address}&unassigned=true`}>
            {countText(unassignedCount)} with nobody
          </a>
        )}
      </p>
      <p class="attention-latest">
        <span class="one-line">
          <a class="attention-link" data-row href={`/incidents/${encodeURIComponent(latest.id)}`}>
            <ShortText value={latest.rule} limit={120} />
          </a>{' '}
          <span class="quiet">
            <ShortText value={latest.workload} limit={80} />
          </span>
        </span>
        <span class="quiet attention-age">
          <Age time={latest.lastTime} />
        </span>
      </p>
    </li>
  );
}

const kindTitles = { output: 'Output', sensor: 'Sensor', response: 'Response' } as const;

function TroubleRow({ trouble: { kind, name, text, address } }: { readonly trouble: Trouble }): JSX.Element {
  return (
    <li class="attention-row is-trouble">
      <p class="attention-counts">
        <span class="badge priority-error">{kindTitles[kind]}</span>
        <a class="attention-link one-line" data-row href={address}>
          <ShortText value={name} limit={80} />
        </a>
      </p>
      <p class="quiet one-line" title={text.slice(0, 400)}>
        <ShortText value={text} limit={200} />
      </p>
    </li>
  );
}
