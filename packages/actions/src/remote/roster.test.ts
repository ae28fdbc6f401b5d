/** Every remote action has what rules and documentation need of it. */

import { sampleAlert } from '@peregrine/outputs/testing';
import { describe, expect, test } from 'vitest';
import { callRemote, problemsOf } from '../../testing/call-remote.ts';
import { nodeOf } from '../../testing/node-of.ts';
import { readResponseRules } from '../rules/read-response-rules.ts';
import { remoteActions } from './roster.ts';

test('names are their own', () => {
  expect(remoteActions.map(({ name }) => name)).toEqual([
    'aws:lambda',
    'gcp:function',
    'http:function',
    'function:call',
  ]);
});

describe.each(remoteActions)('$name', (action) => {
  test('it is documented', () => {
    expect(action.platform).toBe('remote');
    expect(action.doc).toMatch(/^[A-Z].*dry run.*\.$/);
    for (const key of Object.values(action.parameters.keys)) expect(key.doc).toMatch(/^[A-Z`].*\.$/s);
    expect(action.examples.length).toBeGreaterThan(0);
    expect(action.permissions({})).toEqual([]);
    expect(action.undo).toBeUndefined();
  });

  test.each(action.examples)('$doc', ({ parameters }) => {
    expect(problemsOf(action, parameters)).toEqual([]);
    const rule = { rule: 'r', match: { rules: ['x'] }, actions: [{ actionner: action.name, parameters }] };
    const { plan, diagnostics } = readResponseRules([nodeOf([rule])]);
    expect(diagnostics).toEqual([]);
    const [step] = plan?.rules[0]?.steps ?? [];
    expect(step?.timeoutMs).toBeGreaterThan(1_000);
    expect(step?.continues).toBe(true);
  });

  test('each alert is a target of its own, whose namespace counts', async () => {
    const { target } = action;
    const found = target.find(sampleAlert('whole'), {});
    expect(found.kind).toBe('found');
    if (found.kind !== 'found') return;
    expect(target.keyOf(found.target)).toBe('alert 0a4b7b9c-1df6-4c4e-8f3a-2b6b1c0d7e02');
    expect(target.factsOf(found.target)).toEqual({ namespace: 'shop' });
    const hostile = target.find(sampleAlert('hostile'), {});
    expect(hostile.kind === 'found' && target.factsOf(hostile.target)).toEqual({});
  });

  test('parameters that must be there are asked for', () => {
    expect(problemsOf(action, {})).not.toEqual([]);
  });
});

test('a call that broke is no reason to call again', () => {
  for (const action of remoteActions) expect(action.isRepeatable).toBe(false);
});

test('without functions of its own, the hub says so', async () => {
  const [action] = remoteActions.filter(({ name }) => name === 'function:call');
  expect(action && (await callRemote(action, { function: 'delete-pod' }))).toMatchObject({ kind: 'refused' });
});
