/** What became of an alert at each output, and sending it once more. */

import type { Alert, Delivery } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import { call } from '../../api.ts';
import { countText } from '../../format.ts';
import { useAnswer } from '../../shared/answer.ts';
import { tell, tellProblem } from '../../shared/notice.tsx';
import { Age, Panel, ProblemBox, Waiting } from '../../shared/parts.tsx';
import { useRounds } from '../../shared/rounds.ts';
import { mayAct } from '../../shared/session.ts';
import { ShortText, Text } from '../../shared/text.tsx';

const REFRESH_MS = 5_000;

const words: Readonly<Record<Delivery['state'], readonly [sign: string, text: string]>> = {
  delivered: ['✓', 'delivered'],
  waiting: ['‖', 'waits'],
  failing: ['!', 'failing, and tried again'],
  refused: ['✕', 'refused'],
  skipped: ['–', 'not sent'],
  unknown: ['·', 'neither waits here nor was refused: it was long ago, or another hub had it'],
};
const isBad = (state: Delivery['state']): boolean => state === 'failing' || state === 'refused';

export function Deliveries({ alert }: { readonly alert: Alert }): JSX.Element {
  const round = useRounds(REFRESH_MS);
  const { data, problem, reload } = useAnswer(`deliveries ${alert.id} ${round}`, (signal) =>
    call('listDeliveries', { params: { id: alert.id }, signal }),
  );
  const sendAgain = async ({ output, title }: Delivery): Promise<void> => {
    try {
      await call('deliverAgain', { params: { id: alert.id, output } });
      tell(`it is sent to ${title} once more`);
    } catch (error) {
      tellProblem(error);
    }
    reload();
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
      {data?.deliveries.length === 0 && <p class="quiet">No output is on.</p>}
      <ul class="deliveries">
        {data?.deliveries.map((delivery) => (
          <li key={delivery.output}>
            <DeliveryText delivery={delivery} />
            {mayAct('responder') && (
              <button
                type="button"
                class="button is-small"
                aria-label={`Send again to ${delivery.title}`}
                onClick={() => void sendAgain(delivery)}
              >
                Send again
              </button>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function DeliveryText({ delivery }: { readonly delivery: Delivery }): JSX.Element {
  const { title, state, time, attempts, reason } = delivery;
  const [sign, text] = words[state];
  return (
    <span>
      <strong>
        <ShortText value={title} limit={80} />
      </strong>{' '}
      <span class={isBad(state) ? 'bad' : 'quiet'}>
        <span aria-hidden="true">{sign}</span> {text}
        {time !== null && state !== 'skipped' && (
          <>
            {' '}
            <Age time={time} />
          </>
        )}
        {attempts !== null && attempts > 1 && `, ${countText(attempts)} tries`}
        {reason !== null && (
          <>
            : <Text value={reason} limit={200} />
          </>
        )}
      </span>
    </span>
  );
}
