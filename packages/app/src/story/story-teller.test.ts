import type { StoryTerm } from '@peregrine/alert';
import { describe, expect, test } from 'vitest';
import { replayWithStories, type Told } from '../../testing/story-replay.ts';

const rules = `
- macro: opening
  condition: evt.type in (open, openat, openat2)
- macro: opening_secrets
  condition: opening and fd.name in (/etc/shadow, /etc/gshadow)
- rule: Shadow
  desc: d
  condition: opening_secrets and evt.is_open_read = true and not proc.name in (sshd, su)
  output: o %fd.name
  priority: WARNING
`;

const replay = (name: 'host' | 'container', text = rules, settings = ''): Told =>
  replayWithStories(name, text, settings);

const texts = (events: readonly { readonly processName: string; readonly text: string }[] | undefined) =>
  events?.map(({ processName, text }) => `${processName}: ${text}`);

describe('on a host', () => {
  const { alerts, continuations } = replay('host');
  const [first] = alerts;

  test('the process and its ancestors, nearest first', () => {
    expect(first?.story?.process).toMatchObject({
      name: 'cat',
      exePath: '/usr/bin/cat',
      cmdline: 'cat /etc/shadow',
      user: 'root',
    });
    expect(first?.story?.ancestors.map(({ cmdline }) => cmdline)).toEqual(['bash /opt/scn/host.sh']);
  });

  test('what it did before, what its session did, and the event itself', () => {
    const before = texts(first?.story?.before) ?? [];
    expect(before.slice(-4)).toEqual(
      [
        'bash: started a process',
        'bash: opened /dev/null for writing, made if missing',
        'cat: ran /usr/bin/cat /etc/shadow',
        'cat: opened /etc/shadow for reading',
      ].map((text) =>
        text === 'bash: started a process' ? expect.stringMatching(/^bash: started process \d+$/) : text,
      ),
    );
    expect(first?.story?.before.at(-1)?.isAlert).toBe(true);
    expect(first?.story?.before.filter(({ isAlert }) => isAlert === true)).toHaveLength(1);
    expect(before.length).toBeLessThanOrEqual(64);
    const times = first?.story?.before.map(({ timeNs }) => BigInt(timeNs)) ?? [];
    expect(times.every((time, i) => i === 0 || time >= (times[i - 1] ?? 0n))).toBe(true);
  });

  test('what came after, told later', () => {
    const told = continuations.find(({ key }) => key === first?.story?.key);
    expect(first?.story?.after).toEqual([]);
    expect(texts(told?.after)).toEqual(['cat: ended']);
  });

  test('the condition, with macros by their names and values of tests', () => {
    const condition = first?.story?.condition as StoryTerm;
    expect(condition).toMatchObject({ holds: true, text: 'and' });
    const [secrets, reading, other] = condition.terms ?? [];
    expect(secrets).toMatchObject({
      holds: true,
      text: 'opening_secrets',
      terms: [
        {
          text: 'and',
          terms: [
            { text: 'opening', terms: [{ text: 'evt.type in (open, openat, openat2)', value: '"openat"' }] },
            { holds: true, text: 'fd.name in (/etc/shadow, /etc/gshadow)', value: '"/etc/shadow"' },
          ],
        },
      ],
    });
    expect(reading).toMatchObject({ holds: true, text: 'evt.is_open_read = true', value: 'true' });
    expect(other).toMatchObject({ text: 'not', terms: [{ holds: false, value: '"cat"' }] });
  });

  test('alerts are otherwise as they are without', () => {
    const bare = replay('host', rules, 'enabled: false').alerts;
    expect(bare.every((alert) => !('story' in alert))).toBe(true);
    expect(alerts.map(({ story: _, ...alert }) => alert)).toEqual(bare);
  });
});

test('in a container: all that happened in it, and who started it', () => {
  const { alerts, continuations } = replay('container');
  const story = alerts[0]?.story;
  expect(story?.process?.containerId).toMatch(/^[0-9a-f]{12}$/);
  const names = story?.ancestors.map(({ name }) => name) ?? [];
  expect(names.slice(0, 2)).toEqual(['sh', 'runc']);
  expect(texts(story?.before)).toContain('cat: ran cat /etc/hostname (/bin/busybox)');
  const after = texts(continuations.find(({ key }) => key === story?.key)?.after) ?? [];
  // Of other processes of the container as well; what comes first is kept.
  expect(after.slice(0, 2)).toEqual(['cat: ended', 'sh: started a process']);
  expect(after.length).toBeLessThanOrEqual(64);
});

test('nothing comes after where that is off', () => {
  const { alerts, continuations } = replay('host', rules, 'after_ms: 0');
  expect(alerts.filter(({ story }) => story !== undefined)).not.toEqual([]);
  expect(continuations).toEqual([]);
});

test('alerts without end get few stories, and are told of', () => {
  const noisy = `
- rule: Noise
  desc: d
  condition: evt.type in (open, openat, openat2, close, mmap, read, write, fstat)
  output: o
  priority: INFO
`;
  const { alerts } = replay('host', noisy, 'most_per_second: 2, repeat_after_s: 1');
  const told = alerts.flatMap(({ story }) => (story === undefined ? [] : [story]));
  expect(alerts.length).toBeGreaterThan(1_000);
  expect(told.length).toBeLessThan(50);
  expect(told.length).toBeGreaterThan(1);
  expect(told.some(({ note }) => /^\d+ alerts .*without a story/.test(note ?? ''))).toBe(true);
  expect(told.every((story) => JSON.stringify(story).length <= 64 * 1024)).toBe(true);
});
