/** Text that came from elsewhere: its direction kept to itself, what cannot be seen made visible, long ones shortened. */

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { bytesText, visibleText } from '../format.ts';

export interface TextProps {
  readonly value: string;
  /** Characters that are shown until all are asked for. */
  readonly limit?: number;
}

export function Text({ value, limit = 400 }: TextProps): JSX.Element {
  const [isWhole, setWhole] = useState(false);
  const isLong = value.length > limit;
  const shown = isLong && !isWhole ? value.slice(0, limit).replace(/[\ud800-\udbff]$/, '') : value;
  return (
    <>
      <bdi dir="auto" class="text">
        {visibleText(shown)}
      </bdi>
      {isLong && (
        <button type="button" class="link-button" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
          {isWhole ? 'show less' : `… show all (${bytesText(value.length)})`}
        </button>
      )}
    </>
  );
}

/** The same in one line that is never longer, inside of links and buttons. */
export function ShortText({ value, limit = 200 }: TextProps): JSX.Element {
  const shown = value.length > limit ? `${value.slice(0, limit).replace(/[\ud800-\udbff]$/, '')}…` : value;
  return (
    <bdi dir="auto" class="text">
      {visibleText(shown)}
    </bdi>
  );
}
