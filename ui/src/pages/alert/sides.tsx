/** What is beside an alert: related ones, what happened around it, who did it, what became of it at outputs. */

import type { Alert, AlertDetail, DeadLetter, Output } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import { type Answer, call } from '../../api.ts';
import { addressOfClause } from '../../filter.ts';
import { countText, priorities, timeText, wholeTimeText } from '../../format.ts';
import { useAnswer } from '../../shared/answer.ts';
import { tell, tellProblem } from '../../shared/notice.tsx';
import { Age, Panel, PriorityBadge, ProblemBox, Waiting } from '../../shared/parts.tsx';
import { mayAct } from '../../shared/session.ts';
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

interface DeliveryRow {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly letterId: string | undefined;
}

/** What is known of an alert at each output: refusals for good, and what is not sent at all. */
export function deliveryRows(
  alert: Alert,
  outputs: readonly Output[],
  letters: readonly DeadLetter[],
): readonly DeliveryRow[] {
  const rank = (priority: string): number =>
    priorities.findIndex((each) => each.toLowerCase() === priority.toLowerCase());
  return outputs.map(({ id, title, minimumPriority, waitingCount, oldestMs, lastFailure }) => {
    const letter = letters.find((one) => one.output === id && one.alertJson.includes(alert.uuid));
    const least = rank(minimumPriority);
    const ageMs = Date.now() - Date.parse(alert.time);
    const text =
      letter !== undefined
        ? `refused after ${letter.attempts} attempts: ${letter.reason}`
        : least >= 0 && rank(alert.priority) > least
          ? `not sent: less urgent than ${minimumPriority}`
          : waitingCount > 0 && oldestMs >= ageMs
            ? `waits${lastFailure === null ? '' : `: ${lastFailure.reason}`}`
            : 'no refusal is known';
    return { id, title, text, letterId: letter?.id };
  });
}

export function Deliveries({ alert }: { readonly alert: Alert }): JSX.Element {
  const { data, problem, reload } = useAnswer(`deliveries ${alert.id}`, async (signal) => {
    const [{ outputs }, { letters }] = await Promise.all([
      call('listOutputs', { signal }),
      mayAct('responder') ? call('listDeadLetters', { query: { limit: 1_000 }, signal }) : { letters: [] },
    ]);
    return deliveryRows(alert, outputs, letters);
  });
  const retry = async (letterId: string): Promise<void> => {
    try {
      await call('replayDeadLetters', { body: { ids: [letterId] } });
      tell('it is sent once more');
      reload();
    } catch (error) {
      tellProblem(error);
    }
  };
  return (
    <Panel title="Deliveries">
      {alert.mark !== null && (
        <p>
          Sent to no output: <Text value={alert.mark} />
        </p>
      )}
      {problem !== undefined && <ProblemBox problem={problem} retry={reload} />}
      {data === undefined && problem === undefined && <Waiting lines={2} />}
      {data?.length === 0 && <p class="quiet">No output is on.</p>}
      <ul class="deliveries">
        {data?.map(({ id, title, text, letterId }) => (
          <li key={id}>
            <strong>
              <ShortText value={title} />
            </strong>{' '}
            <span class={letterId === undefined ? 'quiet' : 'bad'}>
              <Text value={text} limit={200} />
            </span>
            {letterId !== undefined && mayAct('responder') && (
              <button type="button" class="button is-small" onClick={() => void retry(letterId)}>
                Send again
              </button>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
