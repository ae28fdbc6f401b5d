import { expect, test } from 'vitest';
import { World } from '../../testing/responder-world.ts';
import { fieldsIn, fieldsReadBy } from './fields-read.ts';

test('names in conditions, not those in texts or of steps', () => {
  expect(
    fieldsIn('k8s.ns.name != "a.b" and proc.aname[2] in (sh, bash) and steps.x.state = done and rule = y'),
  ).toEqual(['k8s.ns.name', 'proc.aname[2]']);
});

test('targets, tests and conditions', () => {
  const plan = new World().plan([
    {
      rule: 'R',
      match: { output_fields: ['user.name=root, fd.name!=x'] },
      when: 'proc.name = sh',
      actions: [{ actionner: 'test:safe', when: 'proc.tty > 0' }],
    },
  ]);
  expect(fieldsReadBy(plan)).toEqual([
    ...['fd.name', 'k8s.ns.name', 'k8s.pod.name', 'proc.name', 'proc.tty', 'user.name'],
  ]);
});
