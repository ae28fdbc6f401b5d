import { renderPrometheus } from '@peregrine/api';
import { describe, expect, test } from 'vitest';
import { reading } from '../../testing/reading.ts';
import { configOf } from '../../testing/setup.ts';
import { metricFamilies, metricRoster, snapshotFields } from './roster.ts';

const all = configOf(
  'metrics: { enabled: true, output_rule: true, kernel_event_counters_per_cpu: true }',
).metrics;

describe('every metric', () => {
  const fieldNames = metricRoster.flatMap(({ field }) => field?.name ?? []);
  const familyNames = metricRoster.flatMap(({ family }) => family?.name ?? []);

  test('has names of its own', () => {
    expect(new Set(fieldNames).size).toBe(fieldNames.length);
    expect(new Set(familyNames).size).toBe(familyNames.length);
  });

  test.each(metricRoster)('$doc', ({ doc, field, family }) => {
    expect(doc).toMatch(/\.$/);
    expect(field ?? family).toBeDefined();
    if (family !== undefined)
      expect(family.name).toMatch(/^(falcosecurity_(falco|scap|evt|plugins)|peregrine)_[a-z0-9_]+$/);
    for (const { labels } of family?.read(reading) ?? [])
      for (const name of Object.keys(labels)) expect(name).toMatch(/^[a-zA-Z_][a-zA-Z0-9_]*$/);
  });
});

describe('a snapshot', () => {
  test('has the reference’s fields', () => {
    expect(snapshotFields(reading, all)).toMatchObject({
      'evt.time': 1_700_000_100_000_000_000n,
      'evt.source': 'syscall',
      'evt.hostname': 'tester',
      'falco.duration_sec': 100,
      'falco.num_evts': 900,
      'falco.num_evts_prev': 400,
      'falco.evts_rate_sec': 50,
      'falco.outputs_queue_num_drops': 0,
      'scap.engine_name': 'modern_bpf',
      'falco.sha256_rules_file.my_rules': 'ab',
      'falco.sha256_config_file.falco': 'cd',
      'falco.host_netinfo.interfaces.eth0.protocols.ipv4.addresses': '10.0.0.1,10.0.0.2',
      'falco.rules.matches_total': 7,
      'falco.rules.Read_it_now': 5,
      'falco.cpu_usage_perc': 12.3,
      'falco.memory_rss_mb': 100,
      'falco.container_memory_used_mb': 50,
      'falco.n_threads': 14,
      'falco.n_drops_full_threadtable': 13,
      'scap.n_evts': 1_000,
      'scap.n_evts_prev': 500,
      'scap.evts_rate_sec': 50,
      'scap.n_drops': 90,
      'scap.evts_drop_rate_sec': 5,
      'scap.n_drops_perc': 10,
      'scap.n_drops_buffer_total': 88,
      'scap.n_drops_buffer_open_exit': 80,
      'scap.n_drops_buffer_close_exit': 10,
      'scap.n_evts_cpu_1': 400,
      'scap.n_drops_cpu_1': 90,
      'scap.sys_exit.avg_time_ns': 250,
      'plugins.container.n_containers': 3,
    });
  });

  test('leaves out what is 0, unless asked', () => {
    expect(snapshotFields(reading, all)).not.toHaveProperty(['scap.n_drops_page_faults']);
    const whole = configOf('metrics: { include_empty_values: true }').metrics;
    expect(snapshotFields(reading, whole)).toMatchObject({ 'scap.n_drops_page_faults': 0 });
  });

  test('shows memory in other units, if so wanted', () => {
    const fields = snapshotFields({ ...reading, isMemoryInMb: false }, all);
    expect(fields).toMatchObject({
      'falco.memory_rss_kb': 102_400,
      'falco.container_memory_used_bytes': 52_428_800,
    });
    expect(fields).not.toHaveProperty(['falco.memory_rss_mb']);
  });

  test('has only the groups that are on', () => {
    const none = configOf(
      'metrics: { rules_counters: false, resource_utilization: false, state_counters: false, kernel_event_counters: false, libbpf_stats: false }',
    ).metrics;
    const names = Object.keys(snapshotFields(reading, none));
    expect(names.filter((name) => /^scap|falco\.(rules|n_|memory|cpu)/.test(name))).toEqual([
      'scap.engine_name',
    ]);
  });
});

test('the page of metrics', async () => {
  const text = renderPrometheus(metricFamilies(reading, all));
  const path = '../../../../corpora/metrics/prometheus.txt';
  await expect(text.replace(/version="[^"]*"/, 'version="X"')).toMatchFileSnapshot(path);
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  expect(new Set(samples.map((line) => line.slice(0, line.lastIndexOf(' ')))).size).toBe(samples.length);
});
