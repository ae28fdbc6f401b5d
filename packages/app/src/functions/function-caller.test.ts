/** Actions call functions that run in processes of their own. */

import { type ActionOutcome, actionNamed } from '@peregrine/actions';
import { mapNode, readTree, scalarNode } from '@peregrine/base';
import { type CallResult, FunctionRuntime, type FunctionSpec } from '@peregrine/functions';
import { sampleAlert } from '@peregrine/outputs/testing';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { functionCaller } from './function-caller.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const RUN_ID = '0d9e5c1f-9c5e-4a3c-8d55-0f1f6a1f9a01';

const text = `
exports.handler = (event) => {
  const { rule, output_fields: fields, context, trace_id } = event.data;
  if (context.how === 'raise') throw new Error('no such pod');
  if (context.how === 'wait') return new Promise(() => console.log('it waits'));
  if (context.how === 'nothing') return undefined;
  return { rule, pod: fields['k8s.pod.name'], id: event['event-id'], of: event['event-namespace'], trace_id };
};`;

function spec(name: string): FunctionSpec {
  return {
    ...{ name, namespace: 'kubeless', language: 'javascript', runtime: 'nodejs' },
    ...{ handler: `${name}.handler`, moduleName: name, exportName: 'handler', code: { kind: 'text', text } },
    ...{ dependencies: '', environment: {}, timeoutMs: 60_000, memoryBytes: 512 * 1024 * 1024 },
    ...{ serviceAccount: undefined, runAsUser: undefined, file: 'test' },
  };
}

let runtime: FunctionRuntime;
const lines: string[] = [];
beforeAll(async () => {
  const nobody = { uid: 65_534, gid: 65_534, groups: [65_534] };
  runtime = await FunctionRuntime.open({
    functions: [spec('react')],
    accountOf: () => (process.getuid?.() === 0 ? nobody : undefined),
    environment: process.env,
    log: (_level, message) => lines.push(message),
  });
});
afterAll(() => runtime.close());

async function call(
  name: string,
  context: Readonly<Record<string, string>> = {},
  signal = new AbortController().signal,
): Promise<ActionOutcome> {
  const action = actionNamed('function:call');
  const written = mapNode([['function', scalarNode(name)]]);
  const parameters = action && readTree(action.parameters, written).value;
  if (action === undefined || parameters === undefined) throw new Error('there is no such action');
  const alert = sampleAlert('shell');
  const nothing = (): never => {
    throw new Error('this action needs nothing else');
  };
  return action.run({
    ...{
      runId: RUN_ID,
      alert,
      parameters,
      target: undefined,
      targetUid: undefined,
      targetNode: undefined,
      signal,
      variables: {},
      context,
      isDryRun: false,
    },
    ports: {
      ...{ kube: nothing, hands: nothing, environment: {}, record: undefined },
      callFunction: functionCaller(runtime),
    },
  });
}

test.each(['react', 'kubeless/react'])('%s', async (name) => {
  expect(await call(name)).toEqual({
    kind: 'done',
    summary: 'called function kubeless/react',
    results: {
      rule: 'Terminal shell in container',
      pod: 'alpine',
      id: RUN_ID,
      of: 'kubeless',
      trace_id: '5b5c5e3e5d8f4b0c9d5e6f3c1f6f2a01',
      http_status: 200,
    },
  });
});

test('a function that says nothing', async () => {
  expect(await call('react', { how: 'nothing' })).toMatchObject({
    kind: 'done',
    results: { http_status: 200 },
  });
});

test('a function that raises may have done something', async () => {
  expect(await call('react', { how: 'raise' })).toMatchObject({
    kind: 'unknown',
    reason: 'function kubeless/react: the function failed: it raised Error',
  });
});

test('a call that is given up ends', async () => {
  const stop = new AbortController();
  const outcome = call('react', { how: 'wait' }, stop.signal);
  await vi.waitFor(() => expect(lines).toContain('react: it waits'), { timeout: 60_000 });
  stop.abort();
  expect(await outcome).toMatchObject({ kind: 'unknown' });
});

test('a function that there is not', async () => {
  expect(await call('other')).toEqual({
    kind: 'refused',
    reason: 'function other: there is no such function',
  });
});

describe('what else may come of a call', () => {
  const answered = (status: number): CallResult => ({
    ...{ kind: 'answered', status, contentType: 'text/plain', body: Buffer.from('x') },
  });
  test.each<[CallResult, Partial<ActionOutcome>]>([
    [answered(201), { kind: 'done' }],
    [answered(404), { kind: 'refused' }],
    [answered(500), { kind: 'unknown' }],
    [
      { kind: 'busy', afterMs: 5_000 },
      { kind: 'retry', afterMs: 5_000 },
    ],
    [
      { kind: 'unavailable', reason: 'it is closed', afterMs: 1_000 },
      { kind: 'retry', afterMs: 1_000 },
    ],
    [{ kind: 'timed_out', limitMs: 100 }, { kind: 'unknown' }],
    [{ kind: 'bad_json' }, { kind: 'refused' }],
  ])('%j', async (result, expected) => {
    const invoke = functionCaller({ invoke: async () => result, resolve: () => 'kubeless/react' });
    const request = { name: 'react', runId: RUN_ID, body: '{}' };
    expect(await invoke(request, new AbortController().signal)).toMatchObject(expected);
  });
});
