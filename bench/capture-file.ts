/**
 * What it costs to get events out of a capture file: the recorded captures several times over, plain and compressed,
 * with every event passed over, with those that change state handed on, and with all of them. What a callback that
 * looks at nothing is handed is not decoded. Prints medians of wall time; rounds of all cases take turns.
 */

import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { gunzipSync, gzipSync } from 'node:zlib';
import { openCapture } from '@peregrine/sources';
import { StateEngine, type StateSink } from '@peregrine/state';

const CAPTURES = join(import.meta.dirname, '..', 'corpora', 'captures');
const REPEATS = 20;
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 15);
const WARM_ROUNDS = 2;
const EVENTS_PER_POLL = 100_000;
const NANOSECONDS = 1e6;
const CODES = 65_536;

const noState: StateSink = {
  reset() {},
  machine() {},
  process() {},
  fd() {},
  user() {},
  group() {},
  interface() {},
  settle() {},
};

interface Case {
  readonly file: 'plain' | 'gzip';
  readonly path: string;
  readonly title: string;
  readonly wanted: Uint8Array | undefined;
  readonly rounds: number[];
  handed: number;
  seen: number;
}

function read(one: Case): number {
  const start = performance.now();
  const source = openCapture(one.path);
  source.want(one.wanted);
  let handed = 0;
  const take = (): void => {
    handed++;
  };
  while (source.poll(noState, take, EVENTS_PER_POLL) !== 'end');
  one.handed = handed;
  one.seen = source.eventsSeen();
  source.close();
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[values.length >> 1] ?? 0;
}

function run(names: readonly string[], folder: string): void {
  const once = names.map((name) => gunzipSync(readFileSync(join(CAPTURES, name, `${name}.scap.gz`))));
  const whole = Buffer.concat(Array.from({ length: REPEATS }, () => once).flat());
  const paths = { plain: join(folder, 'events.scap'), gzip: join(folder, 'events.scap.gz') };
  writeFileSync(paths.plain, whole);
  writeFileSync(paths.gzip, gzipSync(whole));
  const kinds = [
    { title: 'all passed over', wanted: new Uint8Array(CODES) },
    { title: 'state changes handed on', wanted: new StateEngine({ needs: new Set() }).wantedCodes() },
    { title: 'all handed on', wanted: undefined },
  ];
  const cases = (['plain', 'gzip'] as const).flatMap((file) =>
    kinds.map((kind): Case => ({ ...kind, file, path: paths[file], rounds: [], handed: 0, seen: 0 })),
  );
  for (let round = 0; round < WARM_ROUNDS + ROUNDS; round++) {
    for (const one of cases) {
      const ms = read(one);
      if (round >= WARM_ROUNDS) one.rounds.push(ms);
    }
  }
  const megabytes = (path: string): string => (statSync(path).size / 1e6).toFixed(1);
  process.stdout.write(`plain ${megabytes(paths.plain)} MB, gzip ${megabytes(paths.gzip)} MB\n`);
  process.stdout.write('file   events                      events   handed on  ns per event  M events/s\n');
  for (const { file, title, rounds, seen, handed } of cases) {
    const ns = (median(rounds) * NANOSECONDS) / seen;
    const figures = [String(seen).padStart(9), String(handed).padStart(11), ns.toFixed(1).padStart(13)];
    process.stdout.write(
      `${file.padEnd(6)} ${title.padEnd(24)} ${figures.join(' ')} ${(1000 / ns).toFixed(2).padStart(11)}\n`,
    );
  }
}

const names = ['host', 'container'].filter((name) => existsSync(join(CAPTURES, name, `${name}.scap.gz`)));
if (names.length === 0) process.stdout.write('no captures to read: skipped\n');
else {
  const folder = mkdtempSync(join(tmpdir(), 'peregrine-bench-'));
  try {
    run(names, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
