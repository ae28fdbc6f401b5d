/** Entry of the thread that tries rules on a recording: reads it to its end, or until there is no more time. */

import { parentPort, workerData } from 'node:worker_threads';
import { Fault } from '@peregrine/base';
import { openCapture } from '@peregrine/sources/capture-file';
import { createDetector, prepareRules } from '../../detection/detector.ts';
import type { CaptureStart, FromCapture, TriedCapture } from './capture-messages.ts';

const EVENTS_PER_TURN = 4_096;
/** Of each rule. */
const MOST_SAMPLES = 5;
const MOST_RULES = 200;
const MOST_OUTPUT = 4_000;

function tryCapture({ setup, path, rule, limitMs }: CaptureStart): TriedCapture | undefined {
  const { ruleset } = prepareRules(setup);
  if (ruleset === undefined) return undefined;
  const samples = new Map<string, TriedCapture['samples'][number][]>();
  const detector = createDetector(ruleset, {
    setup,
    hostname: '',
    onAlert: (alert) => {
      if (rule !== undefined && alert.rule !== rule) return;
      const own = samples.get(alert.rule) ?? [];
      if (own.length >= MOST_SAMPLES || (own.length === 0 && samples.size >= MOST_RULES)) return;
      own.push({ rule: alert.rule, output: alert.message.slice(0, MOST_OUTPUT), timeNs: alert.timeNs });
      samples.set(alert.rule, own);
    },
    onBug: () => {},
  });
  const { engine, state } = detector;
  const endMs = performance.now() + limitMs;
  const source = openCapture(path);
  source.want(engine.wantedCodes());
  let isComplete = false;
  try {
    while (!isComplete && performance.now() < endMs)
      isComplete = source.poll(state.sink, (view) => engine.process(view), EVENTS_PER_TURN) === 'end';
    return {
      examined: source.eventsSeen(),
      counts: detector
        .matches()
        .filter(({ count, rule: name }) => count > 0 && (rule === undefined || name === rule))
        .map(({ rule: name, count }) => ({ rule: name, count })),
      samples: [...samples.values()].flat(),
      isComplete,
    };
  } finally {
    source.close();
  }
}

const port = parentPort;
if (port === null) throw new Error('recordings are read in a thread of its own');
const tell = (message: FromCapture): void => port.postMessage(message);
try {
  // Only `tryOnCapture` starts this thread.
  const tried = tryCapture(workerData as CaptureStart);
  tell(
    tried === undefined ? { kind: 'problem', message: 'the rules cannot be used' } : { kind: 'tried', tried },
  );
} catch (error) {
  if (!(error instanceof Fault)) throw error;
  tell({ kind: 'problem', message: error.message });
}
