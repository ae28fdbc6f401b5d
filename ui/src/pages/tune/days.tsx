/** Alerts by day: hidden ones on those that are kept. */

import type { JSX } from 'preact';
import type { Preview } from './use-preview.ts';

const DAY_WIDTH = 20;
const DAY_HEIGHT = 90;
/** Few days are not drawn wider. */
const LEAST_DAYS = 15;

export function Days({ days }: { readonly days: Preview['byDay'] }): JSX.Element {
  const most = Math.max(1, ...days.map(({ hidden, kept }) => hidden + kept));
  const size = (count: number): number => (count / most) * DAY_HEIGHT;
  const first = Math.max(0, LEAST_DAYS - days.length);
  return (
    <figure class="days">
      <svg
        viewBox={`0 0 ${(first + days.length) * DAY_WIDTH} ${DAY_HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label="Alerts by day, hidden and kept"
      >
        {days.map(({ day, hidden, kept }, i) => (
          <g key={day}>
            <title>{`${day}: ${hidden} hidden, ${kept} kept`}</title>
            <rect
              class="kept"
              x={(first + i) * DAY_WIDTH + 2}
              y={DAY_HEIGHT - size(kept)}
              width={DAY_WIDTH - 4}
              height={size(kept)}
            />
            <rect
              class="hidden-part"
              x={(first + i) * DAY_WIDTH + 2}
              y={DAY_HEIGHT - size(kept) - size(hidden)}
              width={DAY_WIDTH - 4}
              height={size(hidden)}
            />
          </g>
        ))}
      </svg>
      <figcaption class="row quiet">
        <span>{days.length > 1 ? days[0]?.day : ''}</span>
        <span class="spring" />
        <span class="legend is-hidden">hidden</span>
        <span class="legend is-kept">kept</span>
        <span class="spring" />
        <span>{days.at(-1)?.day}</span>
      </figcaption>
    </figure>
  );
}
