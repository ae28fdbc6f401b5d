/** Tags of a rule or an alert, and what they say in the terms of MITRE ATT&CK. */

import type { JSX } from 'preact';
import { addressOfClause } from '../../filter.ts';
import { Panel } from '../../shared/parts.tsx';
import { ShortText } from '../../shared/text.tsx';
import { mitreLinks } from './mitre.ts';

export interface TagsProps {
  readonly tags: readonly string[];
  /** Where a tag leads to; alerts that have it unless set. */
  readonly addressOf?: (tag: string) => string;
}

export function Tags({
  tags,
  addressOf = (tag) => addressOfClause({ field: 'tags', value: tag, isNegated: false }),
}: TagsProps): JSX.Element | null {
  if (tags.length === 0) return null;
  const links = mitreLinks(tags);
  return (
    <Panel title="Tags">
      {links.length > 0 && (
        <ul class="mitre">
          {links.map(({ id, name, url }) => (
            <li key={id}>
              <a href={url} target="_blank" rel="noreferrer">
                {id}
              </a>{' '}
              {name}
            </li>
          ))}
        </ul>
      )}
      <p class="chips">
        {tags.map((tag) => (
          <a key={tag} class="chip" href={addressOf(tag)}>
            <ShortText value={tag} limit={60} />
          </a>
        ))}
      </p>
    </Panel>
  );
}
