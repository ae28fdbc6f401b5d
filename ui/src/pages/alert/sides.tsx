/** What is beside an alert: related ones, what happened around it, who did it. */

import type { Alert, AlertDetail } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import type { Answer } from '../../api.ts';
import { addressOfClause } from '../../filter.ts';
import { countText, timeText, wholeTimeText } from '../../format.ts';
import { Age, Panel, PriorityBadge, ProblemBox, Waiting } from '../../shared/parts.tsx';
import { ShortText, Text } from '../../shared/text.tsx';
import { happenings } from './happenings.ts';
import { FieldReader } from './sentence.ts';

const userFields = [
  ['k8s.user.name', 'Kubernetes user'],
  ['k8s.user.groups', 'Groups'],
  ['k8s.user.impersonated', 'Acting as'],
  ['k8s.exec.match', 'How it is known'],
  ['ka.user.name', 'Kubernetes user'],
  ['ka.user.groups', 'Groups'],
  ['ka.sourceips', 'From'],
  ['user.loginname', 'Signed in as'],
  ['user.name', 'User'],
  ['ct.user', 'Cloud user'],
  ['okta.actor.name', 'Okta user'],
  ['github.user', 'GitHub user'],
] as const;

export function Who({ alert }: { readonly alert: Alert }): JSX.Element | null {
  const read = new FieldReader(alert.fields);
  const known = userFields.flatMap(([name, title]) => {
    const part = read.part(name);
    return part === undefined ? [] : [{ ...part, title }];
  });
  if (known.length === 0) return null;
  return (
    <Panel title="Who">
      <dl class="facts">
        {known.map(({ field, value, title }) => (
          <div key={field}>
            <dt>{title}</dt>
            <dd>
              <a
                href={addressOfClause({ field, value: value.slice(0, 2_000), isNegated: false })}
                title={field}
              >
                <ShortText value={value} />
              </a>
            </dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

export type RelatedAnswer = Answer<'relatedAlerts'>;

export function Around({
  detail,
  related,
}: {
  readonly detail: AlertDetail;
  readonly related: RelatedAnswer | undefined;
}): JSX.Element {
  const near = related?.groups.filter(({ title }) => /process|container|pod/.test(title)) ?? [];
  const list = happenings(
    detail.alert,
    detail.story,
    near.flatMap(({ alerts }) => alerts),
  );
  return (
    <Panel title="Before and after">
      <ol class="timeline">
        {list.map(({ key, kind, time, offset, text, who, alertId, priority }) => (
          <li key={key} class={`moment is-${kind}`} aria-current={kind === 'alert' ? 'true' : undefined}>
            <time dateTime={time} title={wholeTimeText(time)}>
              {kind === 'alert' ? timeText(time) : offset}
            </time>
            <span class="moment-text">
              {who !== '' && (
                <strong>
                  <ShortText value={who} limit={40} />{' '}
                </strong>
              )}
              {alertId === undefined ? (
                <Text value={text} limit={300} />
              ) : (
                <a href={`/alerts/${encodeURIComponent(alertId)}`}>
                  <ShortText value={text} />
                </a>
              )}
              {priority !== undefined && <PriorityBadge priority={priority} />}
            </span>
          </li>
        ))}
      </ol>
      {detail.story === null && (
        <p class="quiet">
          The sensor told nothing else of what the process did; Falco never does, Peregrine does for the first
          alerts of each kind.
        </p>
      )}
      {detail.story?.note !== undefined && (
        <p class="quiet">
          <Text value={detail.story.note} />
        </p>
      )}
    </Panel>
  );
}

export interface RelatedProps {
  readonly related: RelatedAnswer | undefined;
  readonly problem: Parameters<typeof ProblemBox>[0]['problem'] | undefined;
}

export function Related({ related, problem }: RelatedProps): JSX.Element {
  return (
    <Panel title="Related alerts">
      {problem !== undefined && <ProblemBox problem={problem} />}
      {related === undefined && problem === undefined && <Waiting />}
      {related?.groups.length === 0 && <p class="quiet">None within a day.</p>}
      {related?.groups.map(({ title, where, alerts, total }) => (
        <details key={title} open={/process|container|pod/.test(title)} class="related">
          <summary>
            {title} <span class="count">{countText(total)}</span>
          </summary>
          <ul>
            {alerts.map((other) => (
              <li key={other.id}>
                <a href={`/alerts/${encodeURIComponent(other.id)}`}>
                  <ShortText value={other.rule} />
                </a>{' '}
                <PriorityBadge priority={other.priority} />{' '}
                <span class="quiet">
                  <Age time={other.time} />
                </span>
              </li>
            ))}
          </ul>
          <a
            class="quiet-link"
            href={`/alerts?${new URLSearchParams(where.map((clause) => ['where', clause]))}`}
          >
            All of them in the list
          </a>
        </details>
      ))}
    </Panel>
  );
}
