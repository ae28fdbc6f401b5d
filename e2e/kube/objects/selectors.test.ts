import { expect, test } from 'vitest';
import { parseFieldSelector, parseLabelSelector, selectsLabels } from './selectors.ts';

const object = {
  metadata: { name: 'web', namespace: 'shop', labels: { app: 'shop', tier: 'front', 'x.io/empty': '' } },
  spec: { nodeName: 'n1' },
  status: { phase: 'Running' },
};

test.each([
  ['', true],
  ['app=shop', true],
  ['app==shop,tier=front', true],
  ['app=shop,tier=back', false],
  ['app!=shop', false],
  ['none!=shop', true],
  ['app in (a, shop)', true],
  ['app notin (a, shop)', false],
  ['none notin (a)', true],
  ['none in (a)', false],
  ['app', true],
  ['!app', false],
  ['!none', true],
  ['x.io/empty=', true],
])('labels: %s is %s', (selector, isSelected) => {
  expect(parseLabelSelector(selector)(object)).toBe(isSelected);
});

test.each([
  ['', true],
  ['metadata.name=web', true],
  ['metadata.name=web,metadata.namespace!=shop', false],
  ['status.phase!=Running', false],
  ['spec.nodeName=n1', true],
])('fields: %s is %s', (selector, isSelected) => {
  expect(parseFieldSelector(selector, 'pods')(object)).toBe(isSelected);
});

test('what is no selector is refused', () => {
  expect(() => parseLabelSelector('a b')).toThrow('unable to parse requirement: a b');
  expect(() => parseFieldSelector('spec.image=x', 'pods')).toThrow('field label not supported: spec.image');
});

test.each([
  [{}, true],
  [{ matchLabels: { app: 'shop' } }, true],
  [{ matchLabels: { app: 'other' } }, false],
  [{ matchExpressions: [{ key: 'app', operator: 'In', values: ['shop'] }] }, true],
  [{ matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['shop'] }] }, false],
  [{ matchExpressions: [{ key: 'app', operator: 'Exists' }] }, true],
  [{ matchExpressions: [{ key: 'app', operator: 'DoesNotExist' }] }, false],
])('selectors in objects: %j is %s', (selector, isSelected) => {
  expect(selectsLabels(selector, object.metadata.labels)).toBe(isSelected);
});
