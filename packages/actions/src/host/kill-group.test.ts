import { describe, expect, test } from 'vitest';
import { endOf, HandsWorld } from '../../testing/hands-world.ts';
import { TestGroup } from '../../testing/test-group.ts';
import { killProcess } from './kill.ts';

const hierarchy = TestGroup.usable();
const CONTAINER = '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef';

describe.skipIf(hierarchy.length === 0)('host:kill for a control group, as root', () => {
  test.each(hierarchy)('ends all of it, in the hierarchy `%s`', async (kind) => {
    using group = TestGroup.make(kind);
    await using world = new HandsWorld();
    const children = [world.start(), world.start()];
    for (const { pid } of children) group.add(pid);
    const alert = world.alertOn(children[0]?.pid ?? 0);
    const outcome = await world.run(killProcess, alert, { scope: 'container' });
    expect(outcome).toMatchObject({
      kind: 'done',
      summary: `sent SIGKILL to 2 processes of control group \`${group.path}\``,
    });
    for (const child of children) expect(await endOf(child)).toBe('SIGKILL');
  });

  test.each(hierarchy)('ends a container with the groups within it, in the hierarchy `%s`', async (kind) => {
    using group = TestGroup.make(kind, `docker-${CONTAINER}.scope`);
    using inner = group.make('inner');
    await using world = new HandsWorld();
    const [outer, own] = [world.start(), world.start()];
    group.add(outer.pid);
    inner.add(own.pid);
    const alert = world.alertOn(own.pid, { fields: { 'container.id': CONTAINER.slice(0, 12) } });
    const outcome = await world.run(killProcess, alert, { scope: 'container', signal: 'TERM' });
    expect(outcome).toMatchObject({ kind: 'done', results: { count: 2 } });
    for (const child of [outer, own]) expect(await endOf(child)).toBe('SIGTERM');
  });

  test('leaves one alone that has something protected in it', async () => {
    using group = TestGroup.make(hierarchy[0] ?? 'unified');
    await using first = new HandsWorld();
    const [child, protectedOne] = [first.start(), first.start()];
    for (const { pid } of [child, protectedOne]) group.add(pid);
    await using world = new HandsWorld({ settings: { pids: [protectedOne.pid] } });
    expect(await world.run(killProcess, world.alertOn(child.pid), { scope: 'container' })).toEqual({
      kind: 'refused',
      reason: `control group \`${group.path}\` is left alone: process ${protectedOne.pid} is protected: \`response.protected.pids\``,
    });
    await using strict = new HandsWorld({ settings: { programs: ['sleep'] } });
    expect(await strict.run(killProcess, strict.alertOn(child.pid), { scope: 'container' })).toMatchObject({
      kind: 'refused',
      reason: expect.stringMatching(/`sleep`, process \d+, is in it$/),
    });
    expect(child.kill(0)).toBe(true);
  });

  test('does not take another group for that of a container', async () => {
    using group = TestGroup.make(hierarchy[0] ?? 'unified');
    await using world = new HandsWorld();
    const child = world.start();
    group.add(child.pid);
    const alert = world.alertOn(child.pid, { fields: { 'container.id': 'feedfeedfeed' } });
    expect(await world.run(killProcess, alert, { scope: 'container' })).toEqual({
      kind: 'refused',
      reason: `process ${child.pid} is in no control group of container feedfeedfeed`,
    });
    expect(child.kill(0)).toBe(true);
  });
});
