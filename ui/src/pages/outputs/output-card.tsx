/** One output: how it is, and a test of it. */

import type { Output } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { type Answer, type ApiProblem, call } from '../../api.ts';
import { problemOf } from '../../shared/answer.ts';
import { Figures } from '../../shared/figures.tsx';
import { Age, ProblemBox } from '../../shared/parts.tsx';
import { mayAct } from '../../shared/session.ts';
import { Text } from '../../shared/text.tsx';
import { type Condition, conditionOf, figuresOf } from './figures.ts';

const signs: Readonly<Record<Condition, readonly [sign: string, text: string]>> = {
  delivering: ['✓', 'delivering'],
  refusing: ['!', 'has dead letters'],
  waiting: ['‖', 'waiting before it tries again'],
  failing: ['✕', 'failing'],
};

export function OutputCard({ output }: { readonly output: Output }): JSX.Element {
  const { id, title, lastFailure } = output;
  const condition = conditionOf(output);
  const [sign, text] = signs[condition];
  return (
    <section class="panel" aria-label={title}>
      <header class="panel-head">
        <h2>{title}</h2>
        <span class={`badge is-${condition}`}>
          <span aria-hidden="true">{sign}</span> {text}
        </span>
      </header>
      <Figures figures={figuresOf(output)} />
      <p class="card-note">
        {lastFailure === null ? (
          <span class="quiet">No failure since the hub started.</span>
        ) : (
          <>
            Last failure <Age time={lastFailure.time} />: <Text value={lastFailure.reason} limit={200} />
          </>
        )}
      </p>
      {mayAct('admin') && <Test id={id} title={title} />}
    </section>
  );
}

function Test({ id, title }: { readonly id: string; readonly title: string }): JSX.Element {
  const [isRunning, setRunning] = useState(false);
  const [result, setResult] = useState<Answer<'testOutput'>>();
  const [problem, setProblem] = useState<ApiProblem>();
  const run = async (): Promise<void> => {
    setRunning(true);
    setResult(undefined);
    setProblem(undefined);
    try {
      setResult(await call('testOutput', { params: { id } }));
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setRunning(false);
    }
  };
  return (
    <div class="test">
      <button
        type="button"
        class="button is-small"
        aria-label={`Send a test alert to ${title}`}
        disabled={isRunning}
        onClick={() => void run()}
      >
        {isRunning ? 'Sending…' : 'Send a test alert'}
      </button>
      <div role="status">
        {result !== undefined && (
          <p class={result.isDelivered ? 'good' : 'bad'}>
            {result.isDelivered ? '✓ The test alert was taken.' : `✕ Not delivered: ${result.reason ?? ''}`}
          </p>
        )}
      </div>
      {problem !== undefined && <ProblemBox problem={problem} />}
      {result !== undefined && result.exchange !== '' && (
        <details>
          <summary>What was sent and answered</summary>
          <pre class="code" tabIndex={0}>
            {result.exchange}
          </pre>
        </details>
      )}
    </div>
  );
}
