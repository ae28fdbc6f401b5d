/** The rows of the list of rules, with a head to sort by. */

import type { Rule } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import { addressOfClause } from '../../filter.ts';
import { countText, matchText, shortCount } from '../../format.ts';
import { addressWith } from '../../place.ts';
import { Age, PriorityBadge } from '../../shared/parts.tsx';
import { ShortText } from '../../shared/text.tsx';
import { useVirtualRows } from '../../shared/virtual-rows.ts';
import { addressOfFile, addressOfRule } from './addresses.ts';
import { noiseOf, type RuleOrder } from './rule-list.ts';
import { RuleSwitch } from './switch-rule.tsx';

export interface RuleRowsProps {
  readonly rules: readonly Rule[];
  readonly order: RuleOrder;
  /** Of the counts. */
  readonly since: string;
  readonly current: number;
  readonly mayChange: boolean;
  readonly onCurrent: (index: number) => void;
  readonly onChanged: () => void;
}

const ROW_PX = 60;
const PHONE_ROW_PX = 108;
const heads: readonly {
  readonly order: RuleOrder | undefined;
  readonly title: string;
  readonly doc: string;
}[] = [
  { order: undefined, title: 'On', doc: '' },
  { order: 'name', title: 'Rule', doc: '' },
  { order: 'priority', title: 'Priority', doc: '' },
  { order: 'hits', title: 'Hits', doc: 'Alerts in the store, in the period' },
  { order: 'noise', title: 'Noise', doc: 'Share of them that was triaged as expected' },
  {
    order: 'cost',
    title: 'Cost',
    doc: 'Events that matched since the sensor here started, each of which is worked on whether or not an alert comes of it',
  },
  { order: 'last', title: 'Last fired', doc: 'As far as the store goes back' },
  { order: undefined, title: 'Text', doc: '' },
];

export function RuleRows(props: RuleRowsProps): JSX.Element {
  const { rules, order, since, current, mayChange, onCurrent, onChanged } = props;
  const { scroller, items, totalPx } = useVirtualRows({
    count: rules.length,
    idOf: (index) => rules[index]?.name,
    current,
    rowPx: ROW_PX,
    narrowRowPx: PHONE_ROW_PX,
  });
  return (
    <div class="rule-rows" ref={scroller} role="table" aria-label="Rules" aria-rowcount={rules.length + 1}>
      <div role="rowgroup" class="rule-head-group">
        <div role="row" tabIndex={-1} aria-rowindex={1} class="rule-row rule-head">
          {heads.map(({ order: each, title, doc }) => (
            <div
              key={title}
              role="columnheader"
              tabIndex={-1}
              title={doc === '' ? undefined : doc}
              aria-sort={each === undefined ? undefined : each === order ? 'descending' : 'none'}
            >
              {each === undefined ? (
                title
              ) : (
                <a href={addressWith({ order: each })}>
                  {title}
                  <span aria-hidden="true">{each === order ? ' ▾' : ''}</span>
                </a>
              )}
            </div>
          ))}
        </div>
      </div>
      <div role="rowgroup" style={{ height: `${totalPx}px`, position: 'relative' }}>
        {items.map(({ index, start, key }) => {
          const rule = rules[index];
          return rule === undefined ? null : (
            <div
              key={key}
              role="row"
              tabIndex={-1}
              aria-rowindex={index + 2}
              data-id={rule.name}
              class={`rule-row is-placed${index === current ? ' is-current' : ''}${rule.isEnabled ? '' : ' is-off'}`}
              style={{ transform: `translateY(${start}px)` }}
            >
              <RuleRow
                rule={rule}
                since={since}
                mayChange={mayChange}
                onFocus={() => onCurrent(index)}
                onChanged={onChanged}
              />
            </div>
          );
        })}
      </div>
    </div>
  );
}

interface RuleRowProps {
  readonly rule: Rule;
  readonly since: string;
  readonly mayChange: boolean;
  readonly onFocus: () => void;
  readonly onChanged: () => void;
}

function RuleRow({ rule, since, mayChange, onFocus, onChanged }: RuleRowProps): JSX.Element {
  const { name, desc, priority, alertCount, expectedCount, matchCount, lastTime, file, line } = rule;
  const noise = noiseOf(rule);
  return (
    <>
      <div role="cell">
        <RuleSwitch rule={rule} mayChange={mayChange} onChanged={onChanged} />
      </div>
      <div role="cell" class="rule-name">
        <a href={addressOfRule(name)} onFocus={onFocus}>
          <ShortText value={name} limit={160} />
        </a>
        <span class="rule-desc quiet">
          <ShortText value={desc} limit={240} />
        </span>
      </div>
      <div role="cell" class="rule-priority">
        <PriorityBadge priority={priority} />
      </div>
      <div role="cell" class="rule-number" data-what="hits">
        {alertCount === 0 ? (
          <span class="quiet">0</span>
        ) : (
          <a
            href={addressOfClause(
              { field: 'rule', value: name, isNegated: false },
              new URLSearchParams({ since }),
            )}
            title={`${countText(alertCount)} alerts: show them`}
          >
            {shortCount(alertCount)}
          </a>
        )}
      </div>
      <div role="cell" class="rule-number" data-what="noise">
        {noise === undefined ? (
          <span class="quiet">none</span>
        ) : (
          <span title={`${countText(expectedCount)} of ${countText(alertCount)} were expected`}>
            {Math.round(noise * 100)} %
            <meter class="rule-noise" aria-hidden="true" min={0} max={1} value={noise} />
          </span>
        )}
      </div>
      <div role="cell" class="rule-number" data-what="cost">
        {matchCount === null ? <span class="quiet">not measured</span> : matchText(matchCount)}
      </div>
      <div role="cell" class="rule-last" data-what="last fired">
        {lastTime === null ? <span class="quiet">never</span> : <Age time={lastTime} />}
      </div>
      <div role="cell" class="rule-text">
        <a
          href={addressOfFile(file, line)}
          title={`${file}:${line}`}
          aria-label={`Text of ${name.slice(0, 100)}`}
        >
          Text
        </a>
      </div>
    </>
  );
}
