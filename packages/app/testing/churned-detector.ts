/** All that the sensor keeps, with processes and containers that come and go, and what the sensor does in between. */

import type { Engine } from '@peregrine/engine';
import type { Container, StateEngine } from '@peregrine/state';
import { Churn, INIT } from '@peregrine/state/testing/churn';
import { ContainerFollower } from '../src/containers/container-follower.ts';
import { createDetector, prepareRules } from '../src/detection/detector.ts';
import { readSetup } from '../src/detection/setup.ts';

/** Lives between two looks at everything, as the sensor looks once a second. */
const LIVES_PER_LOOK = 500;

/** Beside the shipped rules, one that has alerts wait for what they say of containers: one alert for each life. */
const moreRules = `
- rule: Opened
  desc: d
  condition: evt.type = openat and fd.name endswith file-5 and proc.name startswith job
  output: "%proc.cmdline %fd.name %container.name %container.image.repository %proc.aname[2]"
  priority: NOTICE
`;

export interface ChurnedDetector {
  readonly engine: Engine;
  readonly state: StateEngine;
  readonly churn: Churn;
  /** Bugs that the engine met. */
  readonly bugs: readonly unknown[];
  alertCount(): number;
  /** So many processes begin, and earlier ones end. */
  live(lives: number, onLook?: () => void): void;
  /** All processes end, and all waits. */
  finish(): void;
}

export async function createChurnedDetector(): Promise<ChurnedDetector> {
  const { setup: shipped } = await readSetup({
    configFile: undefined,
    overrides: [],
    ruleFiles: [],
    environment: {},
  });
  if (shipped === undefined) throw new Error('the shipped rules are good');
  const setup = { ...shipped, ruleFiles: [...shipped.ruleFiles, { name: 'more.yaml', text: moreRules }] };
  const { ruleset } = prepareRules(setup);
  if (ruleset === undefined) throw new Error('the rules are good');
  let nowMs = 0;
  let alertCount = 0;
  const bugs: unknown[] = [];
  const asked: Container[] = [];
  const follower = new ContainerFollower({
    emit: (view) => engine.process(view),
    ask: (containers) => asked.push(...containers),
    forget: () => {},
    warn: () => {},
    now: () => nowMs,
  });
  const detector = createDetector(ruleset, {
    setup,
    hostname: 'tester',
    hold: { mostMs: 5_000, capacity: 4_096 },
    onAlert: () => alertCount++,
    onBug: (error) => bugs.push(error),
    state: follower.hooks,
  });
  follower.follow(detector);
  const { engine, state } = detector;
  const churn = new Churn(state, (view) => {
    engine.process(view);
    if (follower.hasNews) follower.catchUp();
  });

  /** A third of the containers is known, a third denied, of a third nothing is heard. */
  function look(): void {
    nowMs += 1_000;
    follower.afterTurn();
    const answered = asked.splice(0).filter((_, i) => i % 3 !== 2);
    follower.take({
      known: answered.filter((_, i) => i % 2 === 0),
      unknown: answered.filter((_, i) => i % 2 === 1).map(({ id }) => id),
    });
    follower.care();
    const nowSeconds = Math.floor(nowMs / 1_000);
    state.setTime(nowSeconds);
    state.purge({ nowSeconds, idleSeconds: 10, limit: 4_096, isAlive: (tid) => tid === INIT });
  }

  return {
    engine,
    state,
    churn,
    bugs,
    alertCount: () => alertCount,
    live: (lives, onLook) => {
      for (let i = 1; i <= lives; i++) {
        churn.step();
        if (i % LIVES_PER_LOOK !== 0) continue;
        look();
        onLook?.();
      }
    },
    finish: () => {
      churn.finish();
      for (let i = 0; i < 100; i++) look();
    },
  };
}
