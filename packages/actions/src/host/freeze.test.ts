import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { HandsWorld } from '../../testing/hands-world.ts';
import { TestGroup } from '../../testing/test-group.ts';
import { freezeGroup } from './freeze.ts';
import { thawGroup } from './thaw.ts';

const hierarchies = TestGroup.usable();
const CONTAINER = 'fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210';

describe.skipIf(hierarchies.length === 0)('host:freeze and host:thaw, as root', () => {
  test.each(hierarchies)(
    'stop all of a group, and let it go on again, in the hierarchy `%s`',
    async (kind) => {
      using group = TestGroup.make(kind);
      await using world = new HandsWorld();
      const child = world.start();
      group.add(child.pid);
      const alert = world.alertOn(child.pid);
      const frozen = await world.run(freezeGroup, alert);
      expect(frozen).toMatchObject({
        kind: 'done',
        summary: `froze control group \`${group.path}\``,
        changes: [{ object: `cgroup ${group.path}`, before: 'running', after: 'frozen' }],
      });
      expect(stateOf(group)).toBe('frozen');
      expect(await world.run(freezeGroup, alert)).toMatchObject({
        kind: 'unchanged',
        reason: expect.stringContaining('is frozen already'),
      });
      expect(await world.undo(freezeGroup, frozen)).toMatchObject({ kind: 'done' });
      expect(stateOf(group)).toBe('running');
      expect(await world.undo(freezeGroup, frozen)).toMatchObject({ kind: 'unchanged' });

      await world.run(freezeGroup, alert);
      expect(await world.run(thawGroup, alert, {}, true)).toMatchObject({
        kind: 'done',
        summary: `would thaw control group \`${group.path}\``,
      });
      expect(stateOf(group)).toBe('frozen');
      expect(await world.run(thawGroup, alert)).toMatchObject({ kind: 'done' });
      expect(stateOf(group)).toBe('running');
      expect(await world.run(thawGroup, alert)).toMatchObject({ kind: 'unchanged' });
    },
  );

  test.each(hierarchies)('stop a container from a group within it, in the hierarchy `%s`', async (kind) => {
    using group = TestGroup.make(kind, `${CONTAINER}`);
    using inner = group.make('inner');
    await using world = new HandsWorld();
    const child = world.start();
    inner.add(child.pid);
    const alert = world.alertOn(child.pid, { fields: { 'container.id': CONTAINER.slice(0, 12) } });
    const frozen = await world.run(freezeGroup, alert);
    expect(frozen).toMatchObject({ kind: 'done', summary: `froze control group \`${group.path}\`` });
    expect(await world.undo(freezeGroup, frozen)).toMatchObject({ kind: 'done' });
  });

  test('change nothing in a dry run', async () => {
    using group = TestGroup.make(hierarchies[0] ?? 'unified');
    await using world = new HandsWorld();
    const child = world.start();
    group.add(child.pid);
    expect(await world.run(freezeGroup, world.alertOn(child.pid), {}, true)).toMatchObject({
      kind: 'done',
      summary: `would freeze control group \`${group.path}\``,
    });
    expect(stateOf(group)).toBe('running');
  });

  test('leave the group alone that holds what is protected', async () => {
    using group = TestGroup.make(hierarchies[0] ?? 'unified');
    await using first = new HandsWorld();
    const [child, other] = [first.start(), first.start()];
    for (const { pid } of [child, other]) group.add(pid);
    await using world = new HandsWorld({ settings: { pids: [other.pid] } });
    expect(await world.run(freezeGroup, world.alertOn(child.pid))).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('is left alone'),
    });
    expect(stateOf(group)).toBe('running');
  });

  test('leave the machine alone', async () => {
    await using world = new HandsWorld();
    const child = world.start();
    // It is where this test is, which is either the root or a group that holds this test.
    expect(await world.run(freezeGroup, world.alertOn(child.pid))).toMatchObject({ kind: 'refused' });
    const alert = { ...world.alertOn(child.pid), hostname: 'node-2' };
    expect(await world.run(freezeGroup, alert)).toMatchObject({ kind: 'refused' });
  });

  test('are over where the group is gone', async () => {
    await using world = new HandsWorld();
    const undo = { hierarchy: 'unified', path: '/peregrine-test-that-is-gone' };
    expect(await world.undo(freezeGroup, { kind: 'done', summary: '', undo })).toEqual({
      kind: 'unchanged',
      reason: 'control group `/peregrine-test-that-is-gone` is gone',
    });
    const outside = { hierarchy: 'unified', path: '/../../etc' };
    expect(await world.undo(freezeGroup, { kind: 'done', summary: '', undo: outside })).toMatchObject({
      kind: 'unchanged',
    });
  });
});

function stateOf({ hierarchy, folder }: TestGroup): string {
  return hierarchy === 'unified'
    ? /^frozen 1$/m.test(readFileSync(`${folder}/cgroup.events`, 'latin1'))
      ? 'frozen'
      : 'running'
    : readFileSync(`${folder}/freezer.state`, 'latin1').trim() === 'FROZEN'
      ? 'frozen'
      : 'running';
}
