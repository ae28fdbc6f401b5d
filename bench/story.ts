/**
 * What it costs to remember what processes do, for stories around alerts: recorded events through state and rules, with and
 * without the recorder, and with stories of the alerts. Runs alternate, each in a process of its own, so that drift hits all
 * alike; what counts is the processor time of the thread when everything is compiled.
 */

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { EventView } from '@peregrine/events';
import { createDetector, prepareRules } from '../packages/app/src/detection/detector.ts';
import { readSetup } from '../packages/app/src/detection/setup.ts';
import { StoryTeller } from '../packages/app/src/story/story-teller.ts';
import { configOf } from '../packages/app/testing/setup.ts';
import { openCapture } from '../packages/sources/src/capture-file/capture-source.ts';
import { makeReplayInputs, type ReplayInput } from './inputs.ts';

const ROOT = join(import.meta.dirname, '..');
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
/** The first one is left out. */
const PASSES = 3;
const MODES = ['without', 'recording', 'with stories'] as const;
type Mode = (typeof MODES)[number];

interface Run {
  readonly seconds: number;
  readonly alerts: number;
  readonly stories: number;
  readonly rssMb: number;
}

/** In this process. */
async function run(path: string, mode: Mode): Promise<Run> {
  const { setup } = await readSetup({ configFile: undefined, overrides: [], ruleFiles: [], environment: {} });
  if (setup === undefined) throw new Error('the shipped rules cannot be read');
  const { ruleset } = prepareRules(setup);
  if (ruleset === undefined) throw new Error('the shipped rules cannot be used');
  const port = {
    onContinuation: () => {},
    onBug: (error: unknown) => {
      throw error;
    },
    monotonicMs: () => performance.now(),
    id: 'bench',
  };
  const teller = mode === 'without' ? undefined : new StoryTeller(configOf().story, port);
  let alerts = 0;
  let stories = 0;
  const detector = createDetector(ruleset, {
    setup,
    hostname: 'bench',
    onBug: port.onBug,
    onAlert: (alert, event, rule) => {
      alerts++;
      if (mode === 'with stories' && teller?.told(alert, event, rule).story !== undefined) stories++;
    },
    ...(teller === undefined ? {} : { onEvent: (event) => teller.take(event) }),
  });
  let latestNs = 0;
  const take = (view: EventView): void => {
    latestNs = view.timestampApproxNs();
    detector.engine.process(view);
  };
  const seconds: number[] = [];
  for (let pass = 0; pass < PASSES; pass++) {
    const source = openCapture(path);
    source.want(detector.engine.wantedCodes());
    const before = process.threadCpuUsage();
    while (source.poll(detector.state.sink, take, 4_096) !== 'end') teller?.care(latestNs);
    const { user, system } = process.threadCpuUsage(before);
    seconds.push((user + system) / 1e6);
    source.close();
    // As if time went on: the recording begins at its first moment again.
    teller?.care(Number.POSITIVE_INFINITY);
  }
  const rssMb = process.memoryUsage.rss() / 2 ** 20;
  return { seconds: Math.min(...seconds.slice(1)), alerts, stories, rssMb };
}

function compare(input: ReplayInput): void {
  const runs = new Map<Mode, Run[]>(MODES.map((mode) => [mode, []]));
  for (let round = 0; round < ROUNDS; round++)
    for (const mode of MODES) {
      const text = execFileSync(process.execPath, [import.meta.filename, 'run', input.path, mode], {
        encoding: 'utf8',
      });
      runs.get(mode)?.push(JSON.parse(text) as Run); // As this file prints it.
    }
  const fastest = (all: readonly Run[] = []): number => Math.min(...all.map(({ seconds }) => seconds));
  const base = fastest(runs.get('without'));
  for (const [mode, all] of runs) {
    const seconds = fastest(all);
    const nsPerEvent = ((seconds - base) / input.eventCount) * 1e9;
    console.log(
      `${input.name.padEnd(12)} ${mode.padEnd(13)} ${seconds.toFixed(3)} s  ` +
        `${(input.eventCount / seconds / 1e6).toFixed(2)} M events/s  ratio ${(seconds / base).toFixed(2)}  ` +
        `${nsPerEvent.toFixed(0).padStart(3)} ns more for each event  ` +
        `${all[0]?.alerts} alerts, ${all[0]?.stories} stories  ${all[0]?.rssMb.toFixed(0)} MB`,
    );
  }
}

const [command, path, mode] = process.argv.slice(2);
if (command === 'run' && path !== undefined) {
  // The names that this file passes itself.
  console.log(JSON.stringify(await run(path, mode as Mode)));
} else {
  for (const input of makeReplayInputs(join(ROOT, 'corpora', 'captures'), join(ROOT, 'build', 'bench')))
    compare(input);
}
