import { expect, test } from 'vitest';
import { measurement } from '../../testing/reading.ts';
import { compareSamples, type Measurement } from './top-frame.ts';

const profile = (scale: number): Measurement['profile'] => ({
  byCode: new Map([
    [307, 100 * scale],
    [5, 300 * scale],
    [95, 7],
  ]),
  byProcess: new Map([
    ['cat', 40 * scale],
    ['caf\xc3\xa9', 50 * scale],
  ]),
  byContainer: new Map([
    ['host', 10 * scale],
    ['abc', 20 * scale],
    ['', scale],
  ]),
  containerNames: new Map([['abc', 'web']]),
  sampleInterval: 64,
  ruleCosts: [
    { rule: 'Cheap', sampleCount: 100 * scale, sampledNs: 10_000 * scale },
    { rule: 'Dear', sampleCount: 100 * scale, sampledNs: 90_000 * scale },
    { rule: 'Never', sampleCount: 0, sampledNs: 0 },
  ],
});

const before = {
  measurement: { ...measurement, profile: profile(1) },
  usage: { cpuSeconds: 1, rssBytes: 1 },
};
const after = {
  measurement: {
    ...measurement,
    timeMs: measurement.timeMs + 2_000,
    eventCount: measurement.eventCount + 1_000,
    probe: { ...measurement.probe, recordCount: 2_000, emittedCount: 1_870 },
    programs: [{ name: 'sys_exit', runCount: 2_010, runTimeNs: 402_500 }],
    profile: profile(3),
  },
  usage: { cpuSeconds: 1.5, rssBytes: 42 },
};

test('a frame shows what came between two samples, in each second', () => {
  expect(compareSamples(before, after)).toEqual({
    timeMs: after.measurement.timeMs,
    seconds: 2,
    title: 'eBPF',
    eventsPerSecond: 500,
    lostPerSecond: 20,
    lostTotal: 130,
    threadCount: 14,
    sensorCpuRatio: 0.25,
    rssBytes: 42,
    programs: [{ name: 'sys_exit', runsPerSecond: 1_000, nsPerRun: 200, cpuRatio: 0.0002 }],
    types: [
      { name: 'close', perSecond: 300 },
      { name: 'openat', perSecond: 100 },
    ],
    processes: [
      { name: 'café', perSecond: 50 },
      { name: 'cat', perSecond: 40 },
    ],
    containers: [
      { id: 'abc', name: 'web', perSecond: 20 },
      { id: 'host', name: '', perSecond: 10 },
      { id: 'unknown', name: '', perSecond: 1 },
    ],
    rules: [
      { rule: 'Dear', matches: 0, nsPerEvent: 900, cpuRatio: 0.00576 },
      { rule: 'Cheap', matches: 0, nsPerEvent: 100, cpuRatio: 0.00064 },
      { rule: 'Never', matches: 0, nsPerEvent: undefined, cpuRatio: 0 },
    ],
  });
});

test('a sensor without a profile has no rows', () => {
  const plain = { measurement, usage: before.usage };
  const { types, rules, eventsPerSecond } = compareSamples(plain, plain);
  expect({ types, rules, eventsPerSecond }).toEqual({ types: [], rules: [], eventsPerSecond: 0 });
});
