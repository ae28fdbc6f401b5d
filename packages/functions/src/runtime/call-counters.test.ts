import { renderPrometheus } from '@peregrine/api';
import { expect, test } from 'vitest';
import { outcomeOf } from './call.ts';
import { CallCounters, familiesOf } from './call-counters.ts';

test('calls by method, in Prometheus’ format', () => {
  const counters = new CallCounters();
  counters.count('POST', 0.02, false);
  counters.count('POST', 60, true);
  counters.count('BREW', 0.001, false);
  counters.count('TEA', 0.001, false);
  const text = renderPrometheus(
    familiesOf([
      { name: 'f', namespace: 'n', counters, running: 1, waiting: 2, droppedLines: 3, isFit: false },
    ]),
  );
  for (const line of [
    '# TYPE function_duration_seconds histogram',
    'function_duration_seconds_bucket{function="f",namespace="n",method="POST",le="0.01"} 0',
    'function_duration_seconds_bucket{function="f",namespace="n",method="POST",le="0.025"} 1',
    'function_duration_seconds_bucket{function="f",namespace="n",method="POST",le="10"} 1',
    'function_duration_seconds_bucket{function="f",namespace="n",method="POST",le="+Inf"} 2',
    'function_duration_seconds_sum{function="f",namespace="n",method="POST"} 60.02',
    'function_calls_total{function="f",namespace="n",method="POST"} 2',
    'function_failures_total{function="f",namespace="n",method="POST"} 1',
    'function_calls_total{function="f",namespace="n",method="other"} 2',
    'peregrine_function_running{function="f",namespace="n"} 1',
    'peregrine_function_up{function="f",namespace="n"} 0',
  ])
    expect(text.split('\n')).toContain(line);
});

test.each([
  [{ kind: 'answered', status: 200, contentType: '', body: new Uint8Array() }, 'delivered'],
  [{ kind: 'answered', status: 404, contentType: '', body: new Uint8Array() }, 'rejected'],
  [{ kind: 'answered', status: 500, contentType: '', body: new Uint8Array() }, 'retry'],
  [{ kind: 'failed', reason: 'it raised KeyError' }, 'rejected'],
  [{ kind: 'bad_json' }, 'rejected'],
  [{ kind: 'unknown' }, 'rejected'],
  [{ kind: 'timed_out', limitMs: 1_000 }, 'retry'],
  [{ kind: 'busy', afterMs: 1_000 }, 'retry'],
  [{ kind: 'unavailable', reason: 'x', afterMs: 1_000 }, 'retry'],
  [{ kind: 'given_up' }, 'retry'],
] as const)('for whoever delivers alerts: %j', (result, kind) => {
  expect(outcomeOf(result).kind).toBe(kind);
});
