import { afterEach, expect, test } from 'vitest';
import { measurement } from '../../../testing/reading.ts';
import {
  alertOf,
  asked,
  BASE_NS,
  keep,
  openRulesInterface,
  type RulesInterface,
} from '../../../testing/rules-interface.ts';
import { configOf } from '../../../testing/setup.ts';
import type { SensorPort } from '../rules/sensor-port.ts';
import { createSensorHandlers } from './sensor-handlers.ts';

const nowMs = (): number => Number(BASE_NS / 1_000_000n) + 60_000;
const rules = '- rule: R\n  desc: d\n  condition: evt.type = open\n  output: o\n  priority: NOTICE\n';
let all: RulesInterface | undefined;
afterEach(() => all?.close());

test('machines are told of by what came from them', async () => {
  all = await openRulesInterface({ rules, nowMs });
  await keep(all.store, [
    alertOf({ hostname: 'falco-1' }),
    alertOf({
      hostname: 'falco-1',
      rule: 'Falco internal: metrics snapshot',
      source: 'internal',
      fields: {
        ...{
          'falco.version': '0.43.0',
          'scap.n_evts': 1000,
          'scap.n_drops': 10,
          'falco.cpu_usage_perc': 1.5,
        },
        ...{ 'falco.memory_rss_mb': 64, 'falco.duration_sec': 30 },
      },
    }),
    alertOf({
      hostname: 'falco-1',
      rule: 'Falco internal: syscall event drop',
      source: 'internal',
      fields: { n_drops: '7' },
    }),
    alertOf({
      hostname: 'ours',
      rule: 'Peregrine internal: coverage gap',
      source: 'internal',
      fields: { cgroup: '/a', 'container.name': 'web', from: 'F', to: 'T', n_dropped: '2', n_limited: '3' },
    }),
    alertOf({ hostname: 'app', source: 'k8s_audit' }),
  ]);
  const { listSensors, listSources } = createSensorHandlers({
    ...{ store: all.store, book: all.book, sensor: undefined, hostname: undefined, nowMs },
  });
  const sensors = new Map((await listSensors(asked({}))).sensors.map((sensor) => [sensor.hostname, sensor]));
  expect(sensors.get('falco-1')).toMatchObject({
    ...{ kind: 'falco', version: '0.43.0', isHere: false, alertCount: 3, cpuPercent: 1.5, uptimeMs: 30_000 },
    ...{ events: { seen: 1000, dropped: 10 }, memoryBytes: 64 * 1024 * 1024 },
    gaps: [{ what: 'system calls were dropped', lost: 7 }],
  });
  expect(sensors.get('ours')).toMatchObject({
    kind: 'peregrine',
    gaps: [{ from: 'F', to: 'T', what: '/a, container web', lost: 5 }],
  });
  expect(sensors.get('app')).toMatchObject({ kind: 'other', version: null, events: null, gaps: [] });
  const { sources } = await listSources(asked({}));
  expect(sources.find(({ name }) => name === 'syscall')).toMatchObject({ ruleCount: 1, alertCount: 1 });
  expect(sources.find(({ name }) => name === 'k8s_audit')).toMatchObject({
    ...{ ruleCount: 0, alertCount: 1, hosts: [{ name: 'app', alertCount: 1 }] },
  });
});

test('the sensor of this process is asked, and may not answer', async () => {
  all = await openRulesInterface({ rules, nowMs });
  let answers = true;
  const sensor: SensorPort = {
    ruleFiles: () => [],
    config: () => configOf(),
    reload: async () => {},
    record: () => Promise.reject(new Error('nobody asks for it')),
    measure: () => (answers ? Promise.resolve(measurement) : Promise.reject(new Error('silence'))),
  };
  const { listSensors } = createSensorHandlers({
    store: all.store,
    book: all.book,
    sensor,
    hostname: 'here',
    nowMs,
  });
  expect((await listSensors(asked({}))).sensors).toMatchObject([
    {
      hostname: 'here',
      isHere: true,
      kind: 'peregrine',
      detail: measurement.title,
      events: { seen: measurement.eventCount },
    },
  ]);
  answers = false;
  expect((await listSensors(asked({}))).sensors).toMatchObject([
    { hostname: 'here', events: null, detail: 'the sensor does not answer' },
  ]);
});
