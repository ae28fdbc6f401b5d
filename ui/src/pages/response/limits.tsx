/** How much of each limit is used, and what nothing is done to. */

import type { LimitUse, ResponseStatus } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import { Panel } from '../../shared/parts.tsx';
import { ShortText } from '../../shared/text.tsx';
import { heldText, limitText } from './figures.ts';

export function LimitsPanel({ status }: { readonly status: ResponseStatus }): JSX.Element {
  const { limits, protections } = status;
  return (
    <Panel title="Limits and protections" class="response-limits">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached with keys */}
      <div class="response-scroll" tabIndex={0} role="group" aria-label="Limits and protections">
        {limits.length === 0 && <p class="quiet">There is no limit.</p>}
        <ul class="response-bars" aria-label="Limits">
          {limits.map((limit, i) => (
            <li key={i}>
              <Limit limit={limit} />
            </li>
          ))}
        </ul>
        <h3>Protected</h3>
        {protections.length === 0 ? (
          <p class="quiet">Nothing is.</p>
        ) : (
          <ul class="chips" aria-label="Protected">
            {protections.map((text) => (
              <li key={text} class="chip">
                <ShortText value={text} limit={80} />
              </li>
            ))}
          </ul>
        )}
      </div>
    </Panel>
  );
}

function Limit({ limit }: { readonly limit: LimitUse }): JSX.Element {
  const { what, usedCount, mostCount, heldCount } = limit;
  return (
    <label class="response-bar">
      <span class="row">
        <strong>
          <ShortText value={what} limit={80} />
        </strong>
        <span class="spring" />
        <span class={heldCount > 0 ? 'bad' : 'quiet'}>{heldText(heldCount)}</span>
      </span>
      <meter min={0} max={Math.max(1, mostCount)} high={mostCount * 0.8} value={usedCount} />
      <span class="quiet">
        <ShortText value={limitText(limit)} limit={200} />
      </span>
    </label>
  );
}
