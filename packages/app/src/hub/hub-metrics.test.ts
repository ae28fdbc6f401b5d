import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeAlert, type HubAlert } from '@peregrine/alert';
import { renderPrometheus } from '@peregrine/api';
import { type Journal, openDisk, openJournal } from '@peregrine/journal';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HubMetrics } from './hub-metrics.ts';

let folder = '';
let journal: Journal;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'peregrine-metrics-'));
  journal = await openJournal({
    disk: await openDisk(folder),
    segmentBytes: 1_000,
    mostBytes: 10_000,
    whenFull: 'refuse',
    sync: { kind: 'always' },
    tailBytes: 1_000,
    mostWaitingBytes: 1_000,
    cursorIntervalMs: 1_000,
    monotonicMs: () => 0,
    onReport: () => {},
  });
});
afterEach(async () => {
  await journal.close();
  rmSync(folder, { recursive: true });
});

function alertOf(over: Partial<HubAlert>): HubAlert {
  const alert = {
    uuid: 'u',
    output: 'o',
    priority: 'Warning' as const,
    rule: 'r',
    time: '2024-03-01T10:00:00Z',
    timeNs: 0n,
    source: 'syscall',
    tags: [],
    hostname: '',
    fields: { a: 1 },
    ...over,
  };
  return { ...alert, json: encodeAlert(alert) };
}

function eventLines(metrics: HubMetrics): readonly string[] {
  return renderPrometheus(metrics.families(journal, []))
    .split('\n')
    .filter((line) => line.startsWith('falcosecurity_falcosidekick_falco_events_total'));
}

test('alerts are counted by what they are about, whatever that is', () => {
  const metrics = new HubMetrics({ extraLabels: new Map([['proc.name', 'proc_name']]), mostSeries: 10 });
  metrics.countAlert(
    alertOf({ fields: { 'k8s.ns.name': 5, 'k8s.pod.name': null, 'proc.name': 'a"b\\c\nd' } }),
  );
  metrics.countAlert(
    alertOf({ fields: { 'k8s.ns.name': 5, 'k8s.pod.name': null, 'proc.name': 'a"b\\c\nd' } }),
  );
  metrics.countAlert(alertOf({ priority: 'Emergency', hostname: 'h' }));
  expect(eventLines(metrics)).toEqual([
    'falcosecurity_falcosidekick_falco_events_total{proc_name="a\\"b\\\\c\\nd",hostname="unknown",rule="r",priority="4",priority_raw="warning",source="syscall",k8s_ns_name="5",k8s_pod_name=""} 2',
    'falcosecurity_falcosidekick_falco_events_total{proc_name="",hostname="h",rule="r",priority="8",priority_raw="emergency",source="syscall",k8s_ns_name="",k8s_pod_name=""} 1',
  ]);
});

test('combinations have a limit, and so have values', () => {
  const metrics = new HubMetrics({ extraLabels: new Map(), mostSeries: 3 });
  for (let i = 0; i < 10; i++) metrics.countAlert(alertOf({ rule: `rule ${i}${'x'.repeat(1_000)}` }));
  const lines = eventLines(metrics);
  expect(lines).toHaveLength(4);
  expect(lines.at(-1)).toMatch(/rule="other".* 7$/);
  for (const line of lines) expect(line.length).toBeLessThan(500);
});

test('the dashboard asks for metrics that there are', () => {
  const dashboard = readFileSync(join(import.meta.dirname, '../../../../docs/dashboards/hub.json'), 'utf8');
  const asked = new Set(dashboard.match(/\b(?:falcosecurity|peregrine|process)_\w+(?=[{,[])/g));
  const text = readFileSync(join(import.meta.dirname, 'hub-metrics.ts'), 'utf8');
  expect(asked.size).toBeGreaterThan(10);
  expect([...asked].filter((name) => !text.includes(`'${name}'`))).toEqual([]);
});

test('the guide has a word on every metric', () => {
  const guide = readFileSync(join(import.meta.dirname, '../../../../docs/guides/hub.md'), 'utf8');
  const text = readFileSync(join(import.meta.dirname, 'hub-metrics.ts'), 'utf8');
  const names = [
    ...text.matchAll(
      /'((?:falcosecurity|peregrine|process)_\w+(?:_total|_bytes|_seconds|_alerts|_state|_groups))'/g,
    ),
  ];
  expect(names.length).toBeGreaterThan(20);
  expect(names.map(([, name]) => name).filter((name) => !guide.includes(`\`${name}\``))).toEqual([]);
});
