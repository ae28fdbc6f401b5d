/** What is new, and what is far above its usual rate, with the numbers that it is said by. */

import type { Unusual } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import type { ApiProblem } from '../../api.ts';
import { addressOfClause } from '../../filter.ts';
import { countText, timeText } from '../../format.ts';
import { Panel } from '../../shared/parts.tsx';
import { ShortText } from '../../shared/text.tsx';
import { lengthWords, type PeriodQuery, periodParameters } from './period.ts';

export interface UnusualProps {
  /** With the period that it was asked for. */
  readonly unusual: (Unusual & { readonly period: PeriodQuery }) | undefined;
  readonly problem: ApiProblem | undefined;
}

const nouns: Readonly<Record<string, string>> = {
  rule: 'rule',
  'k8s.ns.name': 'namespace',
  'container.image.repository': 'image',
  hostname: 'machine',
  source: 'source',
};

export function UnusualPanel({ unusual, problem }: UnusualProps): JSX.Element {
  const query = periodParameters(unusual?.period ?? {});
  const address = (field: string, value: string): string =>
    addressOfClause({ field, value, isNegated: false }, query);
  return (
    <Panel title="New and unusual" class="overview-unusual">
      {problem !== undefined && <p class="bad">{problem.message}</p>}
      <p class="quiet">{unusual === undefined ? '\u00a0' : <Explanation unusual={unusual} />}</p>
      <ul class="unusual-rows">
        {unusual?.fresh.map(({ field, value, count, firstTime, rule }) => (
          <li key={`${field} ${value}`}>
            <span class="badge priority-notice">new {nouns[field] ?? field}</span>{' '}
            <a data-row href={address(field, value)}>
              <ShortText value={value} limit={70} />
            </a>{' '}
            <span class="quiet">
              {countText(count)} {count === 1 ? 'alert' : 'alerts'}, first {timeText(firstTime)}
              {field !== 'rule' && (
                <>
                  {' '}
                  by <ShortText value={rule} limit={60} />
                </>
              )}
            </span>
          </li>
        ))}
        {unusual?.raised.map(({ field, value, count, usualCount, mostCount }) => (
          <li key={`${field} ${value}`}>
            <span class="badge priority-warning">{nouns[field] ?? field} above usual</span>{' '}
            <a data-row href={address(field, value)}>
              <ShortText value={value} limit={70} />
            </a>{' '}
            <span class="quiet">
              {countText(count)} alerts; usually {countText(usualCount)}, and {countText(mostCount)} at most
            </span>
          </li>
        ))}
        {unusual !== undefined &&
          unusual.earlierCount > 0 &&
          unusual.fresh.length + unusual.raised.length === 0 && <li class="quiet">All of it is as usual.</li>}
      </ul>
    </Panel>
  );
}

function Explanation({
  unusual: { earlierCount, periodMs, earlierFrom },
}: {
  readonly unusual: Unusual;
}): JSX.Element {
  const length = lengthWords(periodMs);
  if (earlierCount === 0)
    return <>There is nothing to compare with yet: it takes alerts from {length} before this period.</>;
  return (
    <>
      New: not seen before this period, as far back as alerts are kept.{' '}
      {earlierCount === 1
        ? 'What is unusual can be told once there are two earlier periods.'
        : `Above usual: three times the mean of the ${countText(earlierCount)} periods of ${length} since ${timeText(earlierFrom)}, and more than in any of them.`}
    </>
  );
}
