/**
 * What it costs to keep the tables, by event type: the recorded captures, events that change state only, replayed
 * from memory until everything is warm. Prints medians over the rounds, in nanoseconds of wall time, timer deducted.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { EventView, eventTypeOf, TextInterner } from '@peregrine/events';
import { openCapture } from '@peregrine/sources';
import { StateEngine } from '@peregrine/state';

const ROOT = join(import.meta.dirname, '..');
const FOLDERS = [join(ROOT, 'corpora', 'captures'), join(ROOT, '..', 'shared', 'golden')];
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 60);
const WARM_ROUNDS = 20;
const NANOSECONDS = 1e6;
const EVENTS_PER_POLL = 100_000;

/** Events of one capture, one after the other. */
interface Recording {
  readonly bytes: Uint8Array;
  readonly starts: readonly number[];
}

function record(path: string, wanted: Uint8Array): Recording {
  const source = openCapture(path);
  source.want(wanted);
  const events: Uint8Array[] = [];
  const starts: number[] = [];
  let size = 0;
  const { sink } = new StateEngine();
  const take = (view: EventView): void => {
    const length = view.data.getUint32(view.start + 16, true);
    events.push(view.bytes.slice(view.start, view.start + length));
    starts.push(size);
    size += length;
  };
  while (source.poll(sink, take, EVENTS_PER_POLL) !== 'end');
  source.close();
  return { bytes: Buffer.concat(events), starts };
}

/** Milliseconds that an empty measurement shows. */
function timerCost(): number {
  const costs: number[] = [];
  for (let i = 0; i < 10_000; i++) {
    const start = performance.now();
    costs.push(performance.now() - start);
  }
  return median(costs);
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;
}

function replay(
  engine: StateEngine,
  recording: Recording,
  onEvent: (code: number, ms: number) => void,
): void {
  const { bytes, starts } = recording;
  const view = new EventView(new TextInterner());
  view.attach(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  for (let round = 0; round < ROUNDS; round++) {
    engine.sink.reset();
    engine.sink.settle();
    for (const start of starts) {
      view.moveTo(start, 2, 0);
      const before = performance.now();
      engine.apply(view);
      const after = performance.now();
      if (round >= WARM_ROUNDS) onEvent(view.code, after - before);
    }
  }
}

/** The same without a timer around each event. */
function wholeCost(engine: StateEngine, recording: Recording): number {
  const { bytes, starts } = recording;
  const view = new EventView(new TextInterner());
  view.attach(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    engine.sink.reset();
    engine.sink.settle();
    const before = performance.now();
    for (const start of starts) {
      view.moveTo(start, 2, 0);
      engine.apply(view);
    }
    rounds.push(performance.now() - before);
  }
  return (median(rounds) * NANOSECONDS) / starts.length;
}

const paths = ['host', 'container']
  .map((name) =>
    FOLDERS.map((folder) => join(folder, name, `${name}.scap.gz`)).find((path) => existsSync(path)),
  )
  .filter((path) => path !== undefined);
if (paths.length === 0) process.stdout.write('no captures to replay: skipped\n');

const timer = timerCost();
const costs = new Map<number, number[]>();
for (const path of paths) {
  const engine = new StateEngine({ needs: new Set() });
  const recording = record(path, engine.wantedCodes());
  process.stdout.write(`${path}: ${recording.starts.length} events that change state\n`);
  replay(engine, recording, (code, ms) => {
    const known = costs.get(code);
    if (known === undefined) costs.set(code, [ms]);
    else known.push(ms);
  });
  process.stdout.write(`  all: ${wholeCost(engine, recording).toFixed(0)} ns per event\n`);
}
const rows = [...costs].map(([code, values]) => ({
  name: eventTypeOf(code)?.name ?? String(code),
  count: values.length,
  ns: Math.max(0, (median(values) - timer) * NANOSECONDS),
}));
for (const { name, count, ns } of rows.toSorted((left, right) => right.count - left.count))
  process.stdout.write(`${name.padEnd(16)} ${String(count).padStart(7)} ${ns.toFixed(0).padStart(6)} ns\n`);
