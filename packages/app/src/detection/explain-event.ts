/** One event of a capture, and what each rule says of it: every test with its verdict and the value it looked at. */

import { fromByteText } from '@peregrine/base';
import { eventTypeOf } from '@peregrine/events';
import { type CheckedCondition, type CheckedRule, type Explanation, explain } from '@peregrine/lang';
import { openCapture } from '@peregrine/sources/capture-file';
import { type EventContext, StateEngine } from '@peregrine/state';
import { FIRST_WAIT_MS, HostWatch } from '../hosts/host-watch.ts';
import type { Log } from '../log.ts';
import type { RulesReport } from '../rules/load-rules.ts';
import { prepareRules } from './detector.ts';
import type { Setup } from './setup.ts';
import { shownValue } from './shown-value.ts';

const EVENTS_PER_TURN = 65_536;

export interface ExplainOptions {
  readonly setup: Setup;
  readonly capture: string;
  /** `evt.num` of the event, from 1. */
  readonly eventNumber: number;
  readonly log: Log;
  readonly onRules: (report: RulesReport) => void;
}

export interface ExplainedTerm {
  readonly holds: boolean;
  /** `and`, `or`, `not`, or the test's text. */
  readonly text: string;
  /** What the test looked at, for people; `undefined` for what is no test, and where the event has no such value. */
  readonly value: string | undefined;
  readonly terms: readonly ExplainedTerm[];
}

export interface ExplainedRule {
  readonly name: string;
  /** `false`: rules of other event types are never asked. */
  readonly isAsked: boolean;
  readonly condition: ExplainedTerm;
}

export interface ExplainedEvent {
  /** What `evt.type` says. */
  readonly type: string;
  /** Enabled rules in the order of definition. */
  readonly rules: readonly ExplainedRule[];
}

/** `undefined`: the rules cannot be used, or the capture has no such event. Throws a `Fault` for a bad capture. */
export async function explainEvent(options: ExplainOptions): Promise<ExplainedEvent | undefined> {
  const { setup, capture, eventNumber, log } = options;
  const hosts = new HostWatch({ onTrouble: (message) => log('debug', message) });
  const { ruleset, report } = prepareRules(setup, hosts.names);
  options.onRules(report);
  if (ruleset === undefined) return undefined;
  await hosts.refresh(FIRST_WAIT_MS);
  const state = new StateEngine({ needs: ruleset.needs });
  const source = openCapture(capture);
  let found: ExplainedEvent | undefined;
  try {
    let handed: number | 'end' = 0;
    while (handed !== 'end' && found === undefined) {
      handed = source.poll(
        state.sink,
        (view) => {
          if (found !== undefined) return;
          const event = state.apply(view);
          if (event?.num !== eventNumber) return;
          found = {
            type: eventTypeOf(view.code)?.name ?? '',
            rules: ruleset.rules.map((rule) => explainRule(rule, event)),
          };
        },
        EVENTS_PER_TURN,
      );
    }
  } finally {
    source.close();
  }
  return found;
}

function explainRule(rule: CheckedRule<EventContext>, event: EventContext): ExplainedRule {
  const { name, condition, eventCodes } = rule;
  return {
    name,
    isAsked: eventCodes.has(event.view.code),
    condition: join(condition, explain(condition, event)),
  };
}

/** An explanation has the shape of what it explains. */
function join(condition: CheckedCondition<EventContext>, found: Explanation): ExplainedTerm {
  const holds = found.verdict;
  if (condition.kind === 'junction' && found.kind === 'junction') {
    const terms = condition.terms.flatMap((term, i) => {
      const part = found.terms[i];
      return part === undefined ? [] : [join(term, part)];
    });
    return { holds, text: condition.operator, value: undefined, terms };
  }
  if (condition.kind === 'not' && found.kind === 'not')
    return { holds, text: 'not', value: undefined, terms: [join(condition.term, found.term)] };
  if (condition.kind === 'test' && found.kind === 'test') {
    const value = found.left === undefined ? undefined : shownValue(condition, found.left);
    return { holds, text: fromByteText(condition.text), value, terms: [] };
  }
  throw new Error('the explanation is not of this condition');
}
