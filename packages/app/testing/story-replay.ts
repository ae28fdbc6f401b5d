/** Recordings through rules of a test, with stories of the alerts. */

import { join } from 'node:path';
import type { Alert, StoryContinuation } from '@peregrine/alert';
import { openCapture } from '@peregrine/sources/capture-file';
import { createDetector, prepareRules } from '../src/detection/detector.ts';
import { StoryTeller } from '../src/story/story-teller.ts';
import { configOf, setupOf } from './setup.ts';

const ROOT = join(import.meta.dirname, '../../..');

export interface Told {
  readonly alerts: readonly Alert[];
  readonly continuations: readonly StoryContinuation[];
}

/** `settings`: of `story`, as in falco.yaml between braces. */
export function replayWithStories(name: 'host' | 'container', rules: string, settings = ''): Told {
  const setup = setupOf([rules]);
  const { ruleset } = prepareRules(setup);
  if (ruleset === undefined) throw new Error('the rules cannot be used');
  const alerts: Alert[] = [];
  const continuations: StoryContinuation[] = [];
  const fail = (error: unknown): never => {
    throw error;
  };
  let nowMs = 0;
  const { story } = configOf(`story: { ${settings} }`);
  const teller = new StoryTeller(story, {
    onContinuation: (continuation) => continuations.push(continuation),
    onBug: fail,
    monotonicMs: () => nowMs,
    id: 'id',
  });
  const detector = createDetector(ruleset, {
    setup,
    hostname: 'h',
    onAlert: (alert, event, rule) => alerts.push(story.enabled ? teller.told(alert, event, rule) : alert),
    onBug: fail,
    onEvent: (event) => teller.take(event),
  });
  const source = openCapture(join(ROOT, 'corpora/captures', name, `${name}.scap.gz`));
  const take = (view: Parameters<typeof detector.engine.process>[0]): void => {
    nowMs = view.timestampApproxNs() / 1e6;
    detector.engine.process(view);
    teller.care(view.timestampApproxNs());
  };
  while (source.poll(detector.state.sink, take, 4_096) !== 'end');
  source.close();
  teller.close();
  return { alerts, continuations };
}
