/** Numbers with their names. */

import type { JSX } from 'preact';
import { ShortText } from './text.tsx';

export interface FiguresProps {
  /** `isBad`: to be looked at. */
  readonly figures: readonly (readonly [name: string, value: string, isBad?: boolean])[];
}

export function Figures({ figures }: FiguresProps): JSX.Element {
  return (
    <dl class="figures">
      {figures.map(([name, value, isBad]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd class={isBad === true ? 'bad' : ''}>
            <ShortText value={value} limit={60} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
