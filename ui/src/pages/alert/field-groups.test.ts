import { expect, test } from 'vitest';
import { fieldGroups } from './field-groups.ts';

test('fields are in their groups, and what is empty is known', () => {
  const groups = fieldGroups({
    'proc.name': 'sh',
    'fd.sip': '1.2.3.4',
    'fd.name': '/x',
    'user.name': '<NA>',
    'k8s.user.name': 'eve',
    'k8s.pod.name': null,
    'evt.time': { $number: '1610667584834631763' },
    anything: ['a', 1],
  });
  expect(
    groups.map(({ title, rows }) => [
      title,
      ...rows.map(({ name, value, isEmpty }) => `${name}=${value}${isEmpty ? '!' : ''}`),
    ]),
  ).toEqual([
    ['Process', 'proc.name=sh'],
    ['User', 'k8s.user.name=eve', 'user.name=<NA>!'],
    ['Connection', 'fd.sip=1.2.3.4'],
    ['File', 'fd.name=/x'],
    ['Kubernetes', 'k8s.pod.name=!'],
    ['Event', 'evt.time=1610667584834631763'],
    ['Others', 'anything=a, 1'],
  ]);
});
