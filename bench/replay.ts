/**
 * Replay speed, whole process: start, rules, every event, alerts to /dev/null. Beside it what the reference does
 * on the same inputs on a machine of the same kind. Prints medians; runs alternate so that drift hits all alike.
 *
 * How fast this machine is today shows in the bare walk: a loop over the blocks of the input that looks at each
 * event's type and hashes its bytes. Figures of two days compare by their ratio to it.
 */

import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { makeReplayInputs, type ReplayInput } from './inputs.ts';

const ROOT = join(import.meta.dirname, '..');
const UPSTREAM = join(ROOT, '..', 'shared', 'upstream');
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);

/** Reference: Falco 0.45-dev, one thread, median of three, million events per second. */
const REFERENCE: Readonly<Record<string, number>> = {
  'all events/stable': 3.17,
  'all events/all': 1.82,
  'rule events/stable': 0.6,
  'rule events/all': 0.28,
};

interface RuleSet {
  readonly name: string;
  readonly files: readonly string[];
}

interface Run {
  readonly seconds: number;
  readonly peakMb: number;
}

function ruleSets(): readonly RuleSet[] {
  const stable = join(UPSTREAM, 'falco_rules.yaml');
  const own: RuleSet = { name: 'own', files: [join(ROOT, 'rules', 'peregrine_rules.yaml')] };
  if (!existsSync(stable)) return [own];
  const more = ['falco-incubating_rules.yaml', 'falco-sandbox_rules.yaml'].map((file) =>
    join(UPSTREAM, file),
  );
  return [own, { name: 'stable', files: [stable] }, { name: 'all', files: [stable, ...more] }];
}

function run(input: ReplayInput, rules: RuleSet): Promise<Run> {
  const args = ['replay', input.path, '--json', ...rules.files.flatMap((file) => ['-r', file])];
  const start = performance.now();
  const child = spawn(join(ROOT, 'bin', 'peregrine'), args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let peakKb = 0;
  const sampler = setInterval(() => {
    peakKb = Math.max(peakKb, peakOf(child.pid));
  }, 10);
  let complaint = '';
  child.stderr.on('data', (data: Buffer) => {
    complaint += data.toString();
  });
  return new Promise((resolve, reject) => {
    child.on('close', (status) => {
      const seconds = (performance.now() - start) / 1000;
      clearInterval(sampler);
      if (status === 0) resolve({ seconds, peakMb: peakKb / 1024 });
      else reject(new Error(`${args.join(' ')} ended with ${status}: ${complaint}`));
    });
  });
}

/** Seconds that a bare loop over the input takes in this process. */
function walk(input: ReplayInput): number {
  const bytes = readFileSync(input.path);
  const start = performance.now();
  let hash = 0;
  for (let offset = 0; offset < bytes.length; ) {
    const size = bytes.readUInt32LE(offset + 4);
    for (let i = offset; i < offset + size; i += 4) hash = Math.imul(hash ^ (bytes[i] ?? 0), 16_777_619);
    offset += size;
  }
  if (hash === 1) console.log('a rare hash');
  return (performance.now() - start) / 1000;
}

function peakOf(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const inputs = makeReplayInputs(join(ROOT, 'corpora', 'captures'), join(ROOT, 'build', 'bench'));
const walks = new Map(inputs.map((input) => [input.name, [] as number[]]));
const cases = inputs.flatMap((input) => ruleSets().map((rules) => ({ input, rules, runs: [] as Run[] })));
for (let round = 0; round < ROUNDS; round++) {
  for (const input of inputs) walks.get(input.name)?.push(walk(input));
  for (const one of cases) one.runs.push(await run(one.input, one.rules));
}
for (const [name, seconds] of walks) console.log(`bare walk of ${name}: ${median(seconds).toFixed(3)} s`);
console.log('input        rules     seconds  M events/s  reference  ratio  peak RSS');
for (const { input, rules, runs } of cases) {
  const seconds = median(runs.map((one) => one.seconds));
  const speed = input.eventCount / seconds / 1e6;
  const reference = REFERENCE[`${input.name}/${rules.name}`];
  console.log(
    [
      input.name.padEnd(12),
      rules.name.padEnd(8),
      seconds.toFixed(3).padStart(8),
      speed.toFixed(2).padStart(11),
      (reference?.toFixed(2) ?? '-').padStart(10),
      (reference === undefined ? '-' : (speed / reference).toFixed(1)).padStart(6),
      `${median(runs.map((one) => one.peakMb)).toFixed(0)} MB`.padStart(9),
    ].join(' '),
  );
}
