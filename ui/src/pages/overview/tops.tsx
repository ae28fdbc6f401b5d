/** Most frequent rules, namespaces, images, machines and sources, each beside what it was in the period before. */

import type { JSX } from 'preact';
import { addressOfClause } from '../../filter.ts';
import { countText, shortCount } from '../../format.ts';
import { Panel } from '../../shared/parts.tsx';
import { ShortText } from '../../shared/text.tsx';
import { ChangeText } from './change-text.tsx';
import { periodParameters } from './period.ts';
import type { ShownOverview } from './use-overview.ts';

/** What is shown before anything is known: the places stay the same. */
const titles = ['Rules', 'Namespaces', 'Images', 'Machines', 'Sources'];

export function Tops({ overview }: { readonly overview: ShownOverview | undefined }): JSX.Element {
  const query = periodParameters(overview?.period ?? {});
  const tops =
    overview?.tops ?? titles.map((title) => ({ title, field: title, distinctCount: 0, values: [] }));
  return (
    <div class="overview-tops">
      {tops.map(({ title, field, distinctCount, values }) => (
        <Panel
          key={title}
          title={title}
          actions={
            <span class="quiet">
              {distinctCount > values.length ? `${countText(distinctCount)} in all` : ''}
            </span>
          }
        >
          <ol class={`top-rows${overview === undefined ? ' is-unknown' : ''}`}>
            {values.map(({ value, count, previousCount }) => (
              <li key={value}>
                <a class="top-row" data-row href={addressOfClause({ field, value, isNegated: false }, query)}>
                  <span class="top-name">
                    <ShortText value={value} limit={100} />
                  </span>
                  <span class="count">{shortCount(count)}</span>
                  {overview?.hasPrevious === true && <ChangeText count={count} previous={previousCount} />}
                  <Share count={count} most={values[0]?.count ?? count} />
                </a>
              </li>
            ))}
            {overview !== undefined && values.length === 0 && <li class="quiet">None in this period.</li>}
          </ol>
        </Panel>
      ))}
    </div>
  );
}

/** A bar beside the others; the number says the same. */
function Share({ count, most }: { readonly count: number; readonly most: number }): JSX.Element {
  return (
    <svg class="top-share" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
      <rect width={(count / Math.max(1, most)) * 100} height="1" />
    </svg>
  );
}
