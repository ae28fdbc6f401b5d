import { ExactNumber, encodeAlert, type HubAlert } from '@peregrine/alert';
import { compileConditions } from '@peregrine/query';
import { describe, expect, test } from 'vitest';
import type { NoiseSettings } from './noise.ts';
import { Router, type RouterSettings } from './router.ts';
import { createSchedule, type ScheduleSettings } from './schedule.ts';

function alertOf(over: Partial<HubAlert> = {}): HubAlert {
  const alert = {
    uuid: 'u',
    output: 'a shell',
    priority: 'Warning' as const,
    rule: 'Terminal shell in container',
    time: '2024-03-01T10:00:00Z',
    timeNs: 1_709_287_200_000_000_000n,
    source: 'syscall',
    tags: ['network', 'shell'],
    hostname: 'node-7',
    fields: {
      'evt.time': 1610667584834631763n,
      'fd.list': ['/etc/passwd', '/etc/group'],
      'fd.ports': [80, 443],
      'k8s.ns.name': 'prod',
      'k8s.pod.name': null,
      'proc.aname[2]': 'sshd',
      'proc.exe_flag': true,
      'proc.pid': 4711,
      ratio: new ExactNumber('1.10'),
      'user.uid': '1000',
      ünïcode: 'é',
    },
    ...over,
  };
  return { ...alert, json: encodeAlert(alert) };
}

function holds(condition: string, alert = alertOf()): boolean {
  const compiled = compileConditions([condition]);
  if ('problems' in compiled) throw new Error(compiled.problems[0]?.message);
  return compiled.holding(alert).has(0);
}

test.each([
  ['', true],
  ['rule = "Terminal shell in container"', true],
  ['rule startswith Terminal and source = syscall', true],
  ['rule = Other or hostname = node-7', true],
  ['output contains shell', true],
  ['not hostname = node-7', false],
  ['priority = warning', true],
  ['priority = Warning', true],
  ['priority >= notice', true],
  ['priority >= error', false],
  ['priority < error', true],
  ['priority in (warning, critical)', true],
  ['priority != info', true],
  ['tags = shell', true],
  ['tags in (a, network)', true],
  ['tags = none', false],
  ['tags startswith net', true],
  ['k8s.ns.name = prod', true],
  ['output_fields.k8s.ns.name in (prod, payments)', true],
  ['output_fields.ratio = 1.10', true],
  ['alert.rule startswith "Term"', true],
  ['rule != "rule = x" and output != output', true],
  ["hostname = 'node-7' and not tags in (rule, priority)", true],
  ['k8s.pod.name exists', false],
  ['k8s.ns.name exists', true],
  ['no.such.field = x', false],
  ['not no.such.field = x', true],
  ['proc.aname[2] = sshd', true],
  ['proc.pid > 4000 and proc.pid < 5000', true],
  ['proc.pid = 4711', true],
  ['user.uid >= 1000', true],
  ['proc.exe_flag = true', true],
  ['fd.list = /etc/group', true],
  ['fd.list endswith shadow', false],
  ['evt.time = 1610667584834631763', true],
])('%s: %s', (condition, expected) => {
  expect(holds(condition)).toBe(expected);
});

test.each([
  ['priority = urgent', 'urgent'],
  ['priority contains error', 'contains'],
  ['ruel = x', 'expected'],
  ['ruel.name and', ''],
  ['rule = ', ''],
  ['priority >= urgent', 'number'],
  ['(rule = x', ''],
  ['proc.pid > many', 'number'],
])('%s is refused', (condition, word) => {
  const compiled = compileConditions(['rule = ok', condition]);
  if (!('problems' in compiled)) throw new Error('it was taken');
  expect(compiled.problems).toHaveLength(1);
  expect(compiled.problems[0]).toMatchObject({ index: 1, message: expect.stringContaining(word) });
});

test('several conditions are asked at once, and all that is wrong is told at once', () => {
  const compiled = compileConditions(['rule = x', '', 'hostname = node-7', 'priority >= debug']);
  if ('problems' in compiled) throw new Error('refused');
  expect([...compiled.holding(alertOf())].sort()).toEqual([1, 2, 3]);
  const bad = compileConditions(['(', 'rule = x', 'priority = x']);
  expect('problems' in bad && bad.problems.map(({ index }) => index)).toEqual([0, 2]);
});

function routerOf(
  settings: Partial<Omit<RouterSettings, 'conditions' | 'newUuid'>>,
  conditions: readonly string[],
): Router {
  const compiled = compileConditions(conditions);
  if ('problems' in compiled) throw new Error(compiled.problems[0]?.message);
  let count = 0;
  return new Router({
    silences: [],
    routes: [],
    noise: [],
    ...settings,
    conditions: compiled,
    newUuid: () => `made-${++count}`,
  });
}

const route = (name: string, outputs: readonly string[], continues = false) => ({
  name,
  outputs,
  continues,
  schedule: undefined,
});

describe('routes', () => {
  const router = routerOf(
    {
      routes: [
        route('a', ['slack'], true),
        route('b', ['pager', 'slack']),
        route('c', ['mail']),
        route('d', []),
      ],
    },
    ['tags = shell', 'priority >= warning', 'k8s.ns.name = prod', 'source = k8s_audit'],
  );

  test('the first that fits is taken, and later ones where it says so', () => {
    expect(router.decide(alertOf(), 0, 0)).toEqual({ to: ['slack', 'pager'], mark: undefined });
    expect(router.decide(alertOf({ priority: 'Debug' }), 0, 0)).toEqual({
      to: ['slack', 'mail'],
      mark: undefined,
    });
    expect(router.decide(alertOf({ priority: 'Debug', tags: [] }), 0, 0)).toEqual({
      to: ['mail'],
      mark: undefined,
    });
  });

  test('where none fits, an alert goes everywhere; a route may lead nowhere', () => {
    const other = { priority: 'Debug', tags: [], fields: { 'a.b': 1 } } as const;
    expect(router.decide(alertOf(other), 0, 0)).toEqual({ to: undefined, mark: undefined });
    expect(router.decide(alertOf({ ...other, source: 'k8s_audit' }), 0, 0)).toEqual({
      to: [],
      mark: undefined,
    });
  });

  test('alerts of tests go everywhere', () => {
    expect(router.decide(alertOf({ rule: 'Test rule' }), 0, 0)).toEqual({ to: undefined, mark: undefined });
  });

  test('hold only in their hours', () => {
    const schedule = createSchedule({ timezone: 'UTC', days: ['fri'], from: '09:00', to: '17:00' });
    if ('problems' in schedule) throw new Error(schedule.problems[0]?.why);
    const timed = routerOf(
      { routes: [{ ...route('day', ['slack']), schedule }, route('night', ['pager'])] },
      ['', ''],
    );
    expect(timed.decide(alertOf(), Date.UTC(2024, 2, 1, 10), 0).to).toEqual(['slack']);
    expect(timed.decide(alertOf(), Date.UTC(2024, 2, 1, 20), 0).to).toEqual(['pager']);
  });
});

describe('silences', () => {
  const silence = (fromMs?: number, untilMs?: number) => ({
    name: 's',
    fromMs,
    untilMs,
    schedule: undefined,
  });

  test('keep alerts from all outputs while they are in force', () => {
    const router = routerOf({ silences: [silence(1_000, 2_000)], routes: [route('a', ['slack'])] }, [
      'hostname = node-7',
      '',
    ]);
    expect(router.decide(alertOf(), 999, 0)).toEqual({ to: ['slack'], mark: undefined });
    expect(router.decide(alertOf(), 1_000, 0)).toEqual({ to: [], mark: 'silence s' });
    expect(router.decide(alertOf({ hostname: 'x' }), 1_500, 0)).toEqual({ to: ['slack'], mark: undefined });
    expect(router.decide(alertOf(), 2_000, 0)).toEqual({ to: ['slack'], mark: undefined });
    expect(router.silencedCounts).toEqual(new Map([['s', 1]]));
  });

  test('without times are in force always', () => {
    expect(routerOf({ silences: [silence()] }, ['']).decide(alertOf(), 0, 0).to).toEqual([]);
  });
});

describe('noise', () => {
  const settings: NoiseSettings = {
    name: 'n',
    groupBy: ['rule', 'k8s.ns.name'],
    windowMs: 60_000,
    most: 2,
    hasRollUp: true,
  };

  test('so many of a group pass in a window, and one alert tells of the others', () => {
    const router = routerOf({ noise: [settings], routes: [route('a', ['slack'])] }, [
      '',
      'rule startswith Terminal',
    ]);
    const marks = Array.from(
      { length: 5 },
      (_, i) => router.decide(alertOf({ time: `2024-03-01T10:00:0${i}Z` }), 0, i * 1_000).mark,
    );
    expect(marks).toEqual([undefined, undefined, 'noise n', 'noise n', 'noise n']);
    expect(router.decide(alertOf({ rule: 'Other' }), 0, 5_000).mark).toBeUndefined();
    expect(router.decide(alertOf({ fields: { 'k8s.ns.name': 'dev' } }), 0, 5_000).mark).toBeUndefined();
    expect(router.collect(59_999)).toEqual([]);
    const [rollUp, ...others] = router.collect(60_000);
    expect(others).toEqual([]);
    expect(rollUp).toMatchObject({
      to: ['slack'],
      alert: {
        uuid: 'made-1',
        rule: 'Terminal shell in container',
        time: '2024-03-01T10:00:04Z',
        output: '3 more alerts like this within 1 min: a shell',
        fields: {
          'hub.held': 3,
          'hub.first_time': '2024-03-01T10:00:00Z',
          'hub.noise': 'n',
          'k8s.ns.name': 'prod',
        },
      },
    });
    expect(JSON.parse(rollUp?.alert.json ?? '')).toMatchObject({ output_fields: { 'hub.held': 3 } });
    expect(Object.keys(rollUp?.alert.fields ?? {})).toEqual(
      Object.keys(rollUp?.alert.fields ?? {}).toSorted(),
    );
    expect(router.decide(alertOf(), 0, 61_000).mark).toBeUndefined();
  });

  test('a window that is over ends with the next alert, if nobody collected it before', () => {
    const router = routerOf({ noise: [{ ...settings, most: 1 }] }, ['']);
    expect(router.decide(alertOf(), 0, 0).mark).toBeUndefined();
    expect(router.decide(alertOf(), 0, 1).mark).toBe('noise n');
    expect(router.decide(alertOf(), 0, 70_000).mark).toBeUndefined();
    expect(router.decide(alertOf(), 0, 70_001).mark).toBe('noise n');
    expect(router.collect(70_002).map(({ alert }) => alert.fields['hub.held'])).toEqual([1]);
    expect(router.collect(Number.POSITIVE_INFINITY).map(({ alert }) => alert.fields['hub.held'])).toEqual([
      1,
    ]);
  });

  test('nothing is told where nothing was held, or nobody wants to know', () => {
    const quiet = routerOf({ noise: [{ ...settings, most: 1, hasRollUp: false }] }, ['']);
    quiet.decide(alertOf(), 0, 0);
    quiet.decide(alertOf(), 0, 0);
    expect(quiet.collect(Number.POSITIVE_INFINITY)).toEqual([]);
    const one = routerOf({ noise: [settings] }, ['']);
    one.decide(alertOf(), 0, 0);
    expect(one.collect(Number.POSITIVE_INFINITY)).toEqual([]);
  });

  test('more groups than there is room for pass', () => {
    const router = routerOf({ noise: [{ ...settings, groupBy: ['hostname'], most: 1 }] }, ['']);
    for (let i = 0; i < 10_001; i++) router.decide(alertOf({ hostname: `h${i}` }), 0, 0);
    expect(router.noise[0]?.groupCount).toBe(10_000);
    expect(router.decide(alertOf({ hostname: 'h10000' }), 0, 0).mark).toBeUndefined();
    expect(router.decide(alertOf({ hostname: 'h1' }), 0, 0).mark).toBe('noise n');
  });
});

describe('schedules', () => {
  const office: ScheduleSettings = {
    timezone: 'Europe/Vienna',
    days: ['mon', 'fri'],
    from: '09:00',
    to: '17:30',
  };

  function isOn(settings: ScheduleSettings, time: string): boolean {
    const schedule = createSchedule(settings);
    if ('problems' in schedule) throw new Error(schedule.problems[0]?.why);
    return schedule.isOn(Date.parse(time));
  }

  // The first of March 2024 is a Friday; Vienna is an hour ahead of UTC, two in summer.
  test.each([
    ['2024-03-01T07:59:00Z', false],
    ['2024-03-01T08:00:00Z', true],
    ['2024-03-01T16:29:59Z', true],
    ['2024-03-01T16:30:00Z', false],
    ['2024-03-02T10:00:00Z', false],
    ['2024-07-05T07:00:00Z', true],
  ])('%s: %s', (time, expected) => {
    expect(isOn(office, time)).toBe(expected);
  });

  test('may go over midnight, which belongs to the day before', () => {
    const night = { timezone: 'UTC', days: ['sun'], from: '22:00', to: '06:00' } as const;
    expect(isOn(night, '2024-03-03T23:00:00Z')).toBe(true);
    expect(isOn(night, '2024-03-04T05:59:00Z')).toBe(true);
    expect(isOn(night, '2024-03-04T06:00:00Z')).toBe(false);
    expect(isOn(night, '2024-03-03T05:00:00Z')).toBe(false);
    expect(isOn({ ...night, from: '00:00', to: '24:00' }, '2024-03-03T23:59:59Z')).toBe(true);
  });

  test.each([
    [{ ...office, from: '9' }, ['from']],
    [{ ...office, to: '25:00' }, ['to']],
    [{ ...office, timezone: 'Europe/Nowhere' }, ['timezone']],
    [{ ...office, from: 'x', to: 'y', timezone: 'z' }, ['from', 'to', 'timezone']],
  ])('%j is refused', (settings, keys) => {
    expect(createSchedule(settings)).toEqual({
      problems: keys.map((key) => ({ key, why: expect.stringContaining('is `') })),
    });
  });
});
