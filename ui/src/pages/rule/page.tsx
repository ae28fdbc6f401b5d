/** One rule: what it looks for, what it found, and where it is written. */

import '../rules/rules.css';
import './rule.css';
import type { RuleDetail } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import { call } from '../../api.ts';
import { addressOfClause, periods } from '../../filter.ts';
import { countText, matchText } from '../../format.ts';
import { addressWith, go, place } from '../../place.ts';
import { useAnswer } from '../../shared/answer.ts';
import { Chart } from '../../shared/chart.tsx';
import { useKeys } from '../../shared/keys.ts';
import { Age, CopyButton, Panel, PriorityBadge, ProblemBox, Waiting } from '../../shared/parts.tsx';
import { mayAct } from '../../shared/session.ts';
import { ShortText, Text } from '../../shared/text.tsx';
import { Tags } from '../alert/tags.tsx';
import { addressOfChange, addressOfFile } from '../rules/addresses.ts';
import { noiseOf, RULES_SINCE } from '../rules/rule-list.ts';
import { RuleSwitch } from '../rules/switch-rule.tsx';
import { ConditionView } from './condition-view.tsx';

const RECENT = 12;

export function RulePage({ id: name }: { readonly id: string }): JSX.Element {
  const since = place.value.query.get('since') ?? RULES_SINCE;
  const { data, problem, reload } = useAnswer(`rule ${name} ${since}`, (signal) =>
    call('getRule', { params: { name }, query: { since }, signal }),
  );
  const isOther = data !== undefined && data.name !== name;
  if (problem !== undefined && (data === undefined || isOther))
    return (
      <div class="page">
        <h1>
          <ShortText value={name} limit={300} />
        </h1>
        <ProblemBox problem={problem} retry={reload} />
        <p>
          Alerts of a rule that is not known here are those of other senders:{' '}
          <a href={addressOfClause({ field: 'rule', value: name, isNegated: false })}>show them</a>.
        </p>
      </div>
    );
  if (data === undefined || isOther)
    return (
      <div class="page">
        <Waiting lines={14} />
      </div>
    );
  return <Detail rule={data} since={since} reload={reload} />;
}

interface DetailProps {
  readonly rule: RuleDetail;
  readonly since: string;
  readonly reload: () => void;
}

function Detail({ rule, since, reload }: DetailProps): JSX.Element {
  const { name, desc, condition, output, priority, source, tags, file, line, text, isEnabled } = rule;
  const files = useAnswer('rules files', (signal) => call('listRulesFiles', { signal }));
  const mayChange = mayAct('admin') && files.data?.changes.isAllowed === true;
  const changed = files.data?.files.find(({ isEditable }) => isEditable)?.name;
  useKeys({ e: () => go(addressOfFile(file, line)) });
  return (
    <article class="page rule-page">
      <header class="alert-head">
        <a class="quiet-link" href="/rules">
          Rules
        </a>
        <div class="row">
          <PriorityBadge priority={priority} />
          <span class="badge">
            <ShortText value={source} limit={60} />
          </span>
          <RuleSwitch rule={rule} mayChange={mayChange} onChanged={reload} />
        </div>
        <h1>
          <ShortText value={name} limit={300} />
        </h1>
        <p class="sentence">
          <Text value={desc} limit={1_000} />
        </p>
        <p class="row">
          <a class="button is-main" href={addressOfFile(file, line)} aria-keyshortcuts="e">
            Open its text <kbd aria-hidden="true">e</kbd>
          </a>
          {mayChange && changed !== undefined && changed !== file && (
            <a class="button" href={addressOfChange(changed, name)}>
              Change it…
            </a>
          )}
          <span class="quiet">
            <ShortText value={file} limit={160} />:{line}
          </span>
        </p>
        {!isEnabled && (
          <p class="rule-off" role="note">
            It is off: nothing is alerted on by this rule.
          </p>
        )}
      </header>
      <div class="columns">
        <div class="column">
          <Found rule={rule} since={since} />
          <Panel title="Condition">
            <ConditionView condition={condition} parts={rule.parts} />
          </Panel>
          <Exceptions rule={rule} />
          <Panel title="Output">
            <pre class="code" role="region" tabIndex={0} aria-label="Output of the rule">
              <Text value={output} limit={4_000} />
            </pre>
          </Panel>
        </div>
        <div class="column">
          <Recent rule={rule} />
          <Tags tags={tags} addressOf={(tag) => `/rules?tag=${encodeURIComponent(tag)}`} />
          <Panel title="Text" actions={<CopyButton text={text} what="rule" />}>
            <pre class="code" role="region" tabIndex={0} aria-label="Text of the rule">
              <Text value={text} limit={20_000} />
            </pre>
          </Panel>
        </div>
      </div>
    </article>
  );
}

function Found({ rule, since }: { readonly rule: RuleDetail; readonly since: string }): JSX.Element {
  const { name, alertCount, expectedCount, matchCount, lastTime } = rule;
  const noise = noiseOf(rule);
  const alerts = (more: Readonly<Record<string, string>>): string =>
    addressOfClause({ field: 'rule', value: name, isNegated: false }, new URLSearchParams(more));
  return (
    <Panel
      title="What it found"
      actions={
        <select
          class="is-small"
          aria-label="Period"
          value={since}
          onChange={({ currentTarget }) => go(addressWith({ since: currentTarget.value }))}
        >
          {periods.map((period) => (
            <option key={period.since} value={period.since}>
              {period.title}
            </option>
          ))}
        </select>
      }
    >
      <dl class="rule-facts">
        <div>
          <dt>Hits</dt>
          <dd>
            <a href={alerts({ since })}>{countText(alertCount)}</a>
          </dd>
        </div>
        <div>
          <dt>Noise</dt>
          <dd title={`${countText(expectedCount)} of ${countText(alertCount)} were expected`}>
            {noise === undefined ? 'none' : `${Math.round(noise * 100)} %`}
          </dd>
        </div>
        <div>
          <dt>Cost</dt>
          <dd title="Events that matched since the sensor here started: each is worked on">
            {matchCount === null ? 'not measured' : matchText(matchCount)}
          </dd>
        </div>
        <div>
          <dt>Last fired</dt>
          <dd>{lastTime === null ? 'never' : <Age time={lastTime} />}</dd>
        </div>
      </dl>
      <Chart filter={{ since, where: [`rule=${name}`] }} onPeriod={(from, to) => go(alerts({ from, to }))} />
    </Panel>
  );
}

function Exceptions({ rule: { name, exceptionDetails } }: { readonly rule: RuleDetail }): JSX.Element {
  return (
    <Panel title="Exceptions">
      {exceptionDetails.length === 0 && (
        <p class="quiet">
          None. To make one, open an alert of this rule and choose <em>This is expected</em>.
        </p>
      )}
      {exceptionDetails.map(({ name: exception, fields, comps, values }) => (
        <details key={exception} class="rule-exception" open={exceptionDetails.length < 4}>
          <summary>
            <ShortText value={exception} limit={120} />{' '}
            <span class="quiet">
              {values.length === 0
                ? 'no values'
                : values.length === 1
                  ? '1 row'
                  : `${countText(values.length)} rows`}
            </span>
          </summary>
          <ul aria-label={`Values of ${exception.slice(0, 80)} of ${name.slice(0, 80)}`}>
            {values.slice(0, 200).map((row, i) => (
              <li key={i}>
                <code>
                  <Text
                    value={fields
                      .map((field, j) => `${field} ${comps[j] ?? '='} ${row[j] ?? ''}`)
                      .join(' and ')}
                    limit={400}
                  />
                </code>
              </li>
            ))}
          </ul>
          {values.length > 200 && <p class="quiet">and {countText(values.length - 200)} more</p>}
        </details>
      ))}
    </Panel>
  );
}

function Recent({ rule: { name, alertCount, lastTime } }: { readonly rule: RuleDetail }): JSX.Element {
  const where = [`rule=${name}`];
  const { data, problem, reload } = useAnswer(`recent ${name}`, (signal) =>
    call('listAlerts', { query: { where, limit: RECENT }, signal }),
  );
  return (
    <Panel title="Recent alerts">
      {problem !== undefined && <ProblemBox problem={problem} retry={reload} />}
      {data === undefined && problem === undefined && (
        <Waiting lines={lastTime === null ? 1 : Math.min(RECENT, alertCount + 1)} />
      )}
      {data?.alerts.length === 0 && <p class="quiet">It never fired, as far as the store goes back.</p>}
      <ul class="rule-recent">
        {data?.alerts.map(({ id, time, output, hostname }) => (
          <li key={id}>
            <a href={`/alerts/${encodeURIComponent(id)}`}>
              <ShortText value={output} limit={160} />
            </a>
            <span class="quiet">
              <Age time={time} />
              {hostname !== '' && ' on '}
              <ShortText value={hostname} limit={60} />
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
