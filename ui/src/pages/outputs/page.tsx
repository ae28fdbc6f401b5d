/** Outputs: whether alerts reach those who wait for them, and what was refused. */

import '../operations.css';
import type { JSX } from 'preact';
import { call } from '../../api.ts';
import { bytesText } from '../../format.ts';
import { useAnswer } from '../../shared/answer.ts';
import { ProblemBox, Waiting } from '../../shared/parts.tsx';
import { useRounds } from '../../shared/rounds.ts';
import { DeadLetters } from './dead-letters.tsx';
import { summaryOf } from './figures.ts';
import { OutputCard } from './output-card.tsx';

const REFRESH_MS = 5_000;

export function OutputsPage(): JSX.Element {
  const round = useRounds(REFRESH_MS);
  const { data, problem, reload } = useAnswer(`outputs ${round}`, (signal) =>
    call('listOutputs', { signal }),
  );
  const outputs = data?.outputs ?? [];
  const letterCount = outputs.reduce((sum, { deadLetterCount }) => sum + deadLetterCount, 0);
  return (
    <div class="page is-wide">
      <header class="row">
        <h1>Outputs</h1>
        <span class="quiet" role="status">
          {data === undefined ? '\u00a0' : summaryOf(outputs)}
        </span>
        <span class="spring" />
        {data?.journal != null && <Journal {...data.journal} />}
      </header>
      {problem !== undefined && <ProblemBox problem={problem} retry={reload} />}
      {data === undefined && problem === undefined && <Waiting lines={8} />}
      {data !== undefined && outputs.length === 0 && <NoOutputs />}
      <ul class="cards" aria-label="Outputs">
        {outputs.map((output) => (
          <li key={output.id}>
            <OutputCard output={output} />
          </li>
        ))}
      </ul>
      {outputs.length > 0 && (
        <DeadLetters
          total={letterCount}
          outputs={outputs.map(({ id, title }) => ({ id, title }))}
          onChanged={reload}
        />
      )}
    </div>
  );
}

function Journal({
  sizeBytes,
  limitBytes,
}: {
  readonly sizeBytes: number;
  readonly limitBytes: number;
}): JSX.Element {
  return (
    <label class="journal-size">
      <span class="quiet">
        Journal {bytesText(sizeBytes)} of {bytesText(limitBytes)}
      </span>
      <meter min={0} max={limitBytes} high={limitBytes * 0.8} value={sizeBytes} />
    </label>
  );
}

function NoOutputs(): JSX.Element {
  return (
    <div class="nothing">
      <p>Alerts are kept and shown here, and go nowhere else.</p>
      <p>
        Turn an output on in the configuration of the hub, for example{' '}
        <code>
          slack: {'{'} webhookurl: ... {'}'}
        </code>
        , and start it again. <code>peregrine outputs</code> lists all of them.
      </p>
    </div>
  );
}
