import { sampleAlert } from '@peregrine/outputs/testing';
import { expect, test } from 'vitest';
import { callRemote, problemsOf, RUN_ID } from '../../testing/call-remote.ts';
import type { FunctionRequest } from '../action.ts';
import { functionCall } from './function-call.ts';

const parameters = { function: 'kubeless/delete-pod' };

test('the function gets the alert, the context and the run; what comes of it is passed on', async () => {
  const asked: FunctionRequest[] = [];
  const outcome = { kind: 'done', summary: 'deleted', results: { pod: 'alpine' } } as const;
  const callFunction = async (request: FunctionRequest) => {
    asked.push(request);
    return outcome;
  };
  const alert = sampleAlert('shell');
  const context = { 'falco-talon.rule': 'React' };
  expect(await callRemote(functionCall, parameters, { alert, context, ports: { callFunction } })).toBe(
    outcome,
  );
  expect(asked).toMatchObject([{ name: 'kubeless/delete-pod', runId: RUN_ID }]);
  const body: unknown = JSON.parse(asked[0]?.body ?? '');
  expect(body).toMatchObject({ uuid: alert.uuid, rule: alert.rule, context, trace_id: expect.any(String) });
});

test('in a dry run, nothing is called', async () => {
  const callFunction = async (): Promise<never> => {
    throw new Error('it was called');
  };
  expect(await callRemote(functionCall, parameters, { ports: { callFunction }, isDryRun: true })).toEqual({
    kind: 'done',
    summary: 'would call function kubeless/delete-pod',
  });
});

test.each(['', 'a/b/c', 'A', '../x', 'a b'])('`%s` is no name', (name) => {
  expect(problemsOf(functionCall, { function: name })).toHaveLength(1);
});
