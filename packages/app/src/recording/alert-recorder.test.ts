import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Alert } from '@peregrine/alert';
import { encodeView } from '@peregrine/events';
import { encodeHead, openCapture } from '@peregrine/sources';
import { StateEngine } from '@peregrine/state';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { configOf } from '../../testing/setup.ts';
import { createDetector, prepareRules } from '../detection/detector.ts';
import { AlertRecorder } from './alert-recorder.ts';

const path = (name: string): string => fileURLToPath(new URL(`../../../../${name}`, import.meta.url));

let folder = '';
let prefix = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'peregrine-recorder-'));
  prefix = join(folder, 'rec');
});
afterEach(() => rmSync(folder, { recursive: true }));

const recordings = (): readonly string[] => readdirSync(folder).map((name) => join(folder, name));

interface Seen {
  readonly alerts: readonly Alert[];
  readonly firstNs: bigint;
  readonly latestNs: bigint;
}

/** Runs rules over a capture; with a recorder if settings are given. */
function detect(capture: string, rules: string, settings?: string): Seen {
  const config = configOf(`capture: { ${settings ?? 'enabled: false'} }\nrule_matching: all`);
  const setup = { config, ruleFiles: [{ name: 'rules.yaml', text: rules }] };
  const { ruleset } = prepareRules(setup);
  if (ruleset === undefined) throw new Error('bad rules');
  const alerts: Alert[] = [];
  let recorder: AlertRecorder | undefined;
  const detector = createDetector(ruleset, {
    setup,
    hostname: 'h',
    onAlert: (alert) => {
      alerts.push(alert);
      recorder?.alerted(alert);
    },
    onBug: (error) => {
      throw error;
    },
  });
  const { engine, state } = detector;
  const source = openCapture(capture);
  let firstNs = 0n;
  let latestNs = 0n;
  const handle = (view: Parameters<typeof engine.process>[0]): void => {
    // The tables are there with the first event, not before.
    if (settings !== undefined && recorder === undefined) {
      recorder = new AlertRecorder(config.capture, 'h', {
        head: () => encodeHead(state.snapshot(), 1n),
        eventNumber: () => state.eventCount,
        alert: () => {},
        log: () => {},
        now: () => 0,
      });
      recorder.use(detector.rules);
      engine.tap = recorder;
    }
    latestNs = view.timestampNs();
    if (firstNs === 0n && latestNs > 1n) firstNs = latestNs;
    engine.process(view);
  };
  while (source.poll(state.sink, handle, 10_000) !== 'end');
  source.close();
  recorder?.close();
  return { alerts, firstNs, latestNs };
}

/** Takes its room in a compressed file, too. */
const filler = (): string => randomBytes(8_000).toString('base64');

const outputs = (alerts: readonly Alert[]): readonly string[] => alerts.map(({ output }) => output);

const rules = `
- rule: Ran
  desc: d
  condition: evt.type in (execve, execveat) and evt.dir = <
  output: "%proc.name %proc.cmdline %proc.pname %proc.aname[2] %proc.cwd %user.name %container.id %proc.exepath"
  priority: INFO
- rule: Opened
  desc: d
  condition: evt.type in (open, openat) and fd.num > 0
  output: "%proc.name %fd.name %proc.pcmdline %proc.sid %group.name"
  priority: INFO
- rule: Ended
  desc: d
  condition: evt.type = procexit
  output: "%proc.name %proc.cmdline %proc.ppid"
  priority: INFO
`;

describe.each(['host/host.scap.gz', 'container/container.scap.gz'])('%s', (name) => {
  const capture = path(`corpora/captures/${name}`);

  test.each([0, 20, 1_000, 600_000])(
    'a recording with %d ms before it replays as it happened',
    (beforeMs) => {
      const { alerts } = detect(capture, rules);
      const middle = alerts[Math.floor(alerts.length / 2)];
      if (middle === undefined) throw new Error('no alerts');
      const trigger = `
- rule: Trigger
  desc: d
  condition: evt.rawtime = ${middle.timeNs}
  output: x
  priority: INFO
  capture: true
  capture_duration: 200
`;
      detect(
        capture,
        rules + trigger,
        `enabled: true, path_prefix: ${prefix}, before_ms: ${beforeMs}, before_max_mb: 256`,
      );
      const [file = ''] = recordings();
      const recorded = detect(file, rules);
      const inTime = alerts.filter(({ timeNs }) => timeNs >= recorded.firstNs && timeNs <= recorded.latestNs);
      expect(outputs(recorded.alerts)).toEqual(outputs(inTime));
      expect(outputs(recorded.alerts)).toContain(middle.output);
      expect(recordings()).toHaveLength(1);
      if (beforeMs > 0) expect(recorded.firstNs).toBeLessThan(middle.timeNs);
      else expect(recorded.firstNs).toBe(middle.timeNs);
    },
  );
});

describe('files', () => {
  const settingsOf = (yaml: string) =>
    configOf(`capture: { enabled: true, path_prefix: ${prefix}, ${yaml} }`).capture;

  interface Bench {
    readonly recorder: AlertRecorder;
    readonly logged: string[];
    readonly alerts: Alert[];
    /** One event at so many milliseconds, that a rule of that name may match. */
    readonly event: (ms: number, rule?: string) => void;
    clockMs: number;
  }

  function bench(yaml: string): Bench {
    const state = new StateEngine();
    const logged: string[] = [];
    const alerts: Alert[] = [];
    let number = 0;
    const recorder = new AlertRecorder(settingsOf(yaml), 'h', {
      head: () => encodeHead(state.snapshot(), 1n),
      eventNumber: () => number,
      alert: (alert) => alerts.push(alert),
      log: (level, text) => logged.push(`${level}: ${text.replaceAll(folder, '')}`),
      now: () => made.clockMs,
    });
    recorder.use([
      { name: 'A', capture: true, captureDurationMs: 0 },
      { name: 'B', capture: true, captureDurationMs: 50 },
      { name: 'C', capture: false, captureDurationMs: 0 },
    ]);
    const made: Bench = {
      recorder,
      logged,
      alerts,
      clockMs: 1_000,
      event: (ms, rule) => {
        number++;
        const timestampNs = BigInt(ms) * 1_000_000n;
        recorder.before(encodeView({ code: 95, tid: 7, timestampNs, params: [0, filler()] }));
        if (rule !== undefined) recorder.alerted({ rule } as Alert); // Nothing else of it is read.
        recorder.after();
      },
    };
    return made;
  }

  const eventTimes = (file: string): readonly number[] => {
    const times: number[] = [];
    const source = openCapture(file);
    while (
      source.poll(
        new StateEngine().sink,
        (view) => times.push(Number(view.timestampNs() / 1_000_000n)),
        99,
      ) !== 'end'
    );
    source.close();
    return times.filter((time) => time > 0);
  };

  test('have the names that the reference gives, and are their owner’s', () => {
    const { event, recorder } = bench('before_ms: 0');
    event(17, 'A');
    recorder.close();
    expect(readdirSync(folder)).toEqual(['rec_00000000000017000000_00000000000000000001.scap']);
    expect(statSync(recordings()[0] ?? '').mode & 0o777).toBe(0o600);
    expect([...readFileSync(recordings()[0] ?? '').subarray(0, 2)]).toEqual([0x1f, 0x8b]);
  });

  test.each<[string, string, readonly (readonly [number, string?])[], readonly (readonly number[])[]]>([
    [
      'the default duration',
      'before_ms: 0, default_duration: 100',
      [[1], [10, 'A'], [50], [111], [150]],
      [[10, 50, 111]],
    ],
    ['the duration of the rule', 'before_ms: 0', [[10, 'B'], [50], [61], [150]], [[10, 50, 61]]],
    [
      'later alerts prolong it',
      'before_ms: 0',
      [[10, 'B'], [50, 'B'], [90], [101], [150]],
      [[10, 50, 90, 101]],
    ],
    [
      'shorter ones do not shorten it',
      'before_ms: 0, default_duration: 100',
      [[10, 'A'], [20, 'B'], [100], [120]],
      [[10, 20, 100, 120]],
    ],
    ['other rules start none', 'before_ms: 0', [[10, 'C'], [20]], []],
    ['all rules do if asked', 'before_ms: 0, mode: all_rules', [[10, 'C'], [20]], [[10, 20]]],
    [
      'the next alert starts another',
      'before_ms: 0',
      [[10, 'B'], [61], [70, 'B'], [80]],
      [
        [10, 61],
        [70, 80],
      ],
    ],
    [
      'no longer than allowed',
      'before_ms: 0, max_duration_ms: 60',
      [[10, 'B'], [50, 'B'], [71], [80]],
      [[10, 50, 71]],
    ],
    ['what was before', 'before_ms: 100', [[1], [5], [10, 'B'], [20]], [[1, 5, 10, 20]]],
    [
      'at most twice as long before',
      'before_ms: 100',
      [[1], [150], [240], [260], [300, 'B']],
      [[150, 240, 260, 300]],
    ],
  ])('%s', (_title, yaml, events, expected) => {
    const { event, recorder } = bench(yaml);
    for (const [ms, rule] of events) event(ms, rule);
    recorder.close();
    expect(recordings().map(eventTimes)).toEqual(expected);
  });

  test('the limit of size ends one, and an alert says so', () => {
    const { event, recorder, alerts, logged } = bench(
      'before_ms: 0, max_file_size_mb: 1, default_duration: 1000000',
    );
    event(1, 'A');
    for (let i = 2; recorder.isRecording && i < 1_000; i++) event(i);
    const size = statSync(recordings()[0] ?? '').size;
    expect(size).toBeLessThanOrEqual(2 ** 20);
    expect(alerts.map(({ message, fields }) => [message, fields])).toEqual([
      [
        'Falco internal: capture size limit reached. Configured limit: 1 MB.',
        { max_file_size_mb: '1', written_bytes: `${size}` },
      ],
    ]);
    expect(logged.at(-1)).toMatch(/^info: the recording .* is complete: \d+ events, \d+ bytes$/);
  });

  test('a path that cannot be written is told of once a while, and tried again', () => {
    const lost = bench('before_ms: 0');
    rmSync(folder, { recursive: true });
    lost.event(10, 'A');
    lost.event(20, 'A');
    expect(lost.logged).toEqual([
      expect.stringMatching(
        /^error: cannot write the capture `.*`: ENOENT.*; detection goes on, recordings are tried again in 30 s$/,
      ),
    ]);
    mkdirSync(folder);
    lost.clockMs += 30_000;
    lost.event(30, 'A');
    lost.recorder.close();
    expect(recordings().map(eventTimes)).toEqual([[30]]);
  });

  test('the limit of all recordings is told of once', () => {
    const { event, logged } = bench(
      'before_ms: 0, max_total_mb: 1, max_file_size_mb: 1, default_duration: 1000000',
    );
    for (let i = 1; i < 1_000; i++) event(i, 'A');
    expect(logged.filter((line) => line.startsWith('warning'))).toEqual([
      'warning: no more recordings are made: they have reached `capture.max_total_mb`, 1 MB since the start',
    ]);
    expect(recordings()).toHaveLength(2);
  });

  test('one ends in time although nothing happens any more', () => {
    const { event, recorder } = bench('before_ms: 0');
    event(10, 'B');
    recorder.care(59);
    expect(recorder.isRecording).toBe(true);
    recorder.care(61);
    expect(recorder.isRecording).toBe(false);
  });

  test('that are ordered last as long as was asked, and whoever prolongs one gets the same', () => {
    const { recorder, event } = bench('before_ms: 0');
    const became: unknown[] = [];
    event(1_000);
    recorder.ordered(100, 1_000, (own) => became.push(own));
    event(1_050);
    recorder.ordered(100, 1_050, (own) => became.push(own));
    event(1_120);
    expect(became).toEqual([]);
    recorder.care(1_151);
    const path = expect.stringMatching(/\.scap$/);
    expect(became).toEqual([
      { kind: 'recorded', path },
      { kind: 'recorded', path },
    ]);
    expect(recordings().length).toBe(1);
  });

  test('that are ordered and cannot be made are refused', () => {
    prefix = join(folder, 'missing', 'rec');
    const { recorder, event } = bench('before_ms: 0');
    event(1_000);
    const became: unknown[] = [];
    recorder.ordered(100, 1_000, (own) => became.push(own));
    expect(became).toMatchObject([{ kind: 'refused' }]);
  });
});
