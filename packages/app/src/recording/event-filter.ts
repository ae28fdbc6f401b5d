/** A condition on the command line, as a rule that makes no alert. */

import type { Ruleset } from '@peregrine/engine';
import type { HostNames } from '@peregrine/fields';
import type { EventContext } from '@peregrine/state';
import type { Config } from '../config/config.ts';
import { prepareRules } from '../detection/detector.ts';
import type { Setup } from '../detection/setup.ts';
import { FIRST_WAIT_MS, HostWatch } from '../hosts/host-watch.ts';
import type { RulesReport } from '../rules/load-rules.ts';
import type { RuleFile } from '../rules/rule-files.ts';

/** What findings call the text. */
export const FILTER_NAME = '--filter';
/** More than any event can match, since there is one rule. */
const ROOM = 4;

export interface EventFilter {
  readonly ruleset: Ruleset<EventContext>;
  /** HOT. */
  readonly matches: (event: EventContext) => boolean;
}

export interface PreparedFilter {
  /** `undefined` when the condition cannot be used. */
  readonly filter: EventFilter | undefined;
  readonly file: RuleFile;
  readonly report: RulesReport;
}

/** Compiles the condition; host names that it compares with are looked up before, within a limit. */
export async function openFilter(
  condition: string,
  config: Config,
  onTrouble: (message: string) => void,
): Promise<PreparedFilter> {
  const hosts = new HostWatch({ onTrouble });
  const prepared = prepareFilter(condition, config, hosts.names);
  await hosts.refresh(FIRST_WAIT_MS);
  return prepared;
}

function prepareFilter(condition: string, config: Config, hostNames: HostNames): PreparedFilter {
  const file = { name: FILTER_NAME, text: ruleOf(condition) };
  // What the configuration says of rules is not about this one.
  const setup: Setup = {
    config: { ...config, rules: [], priority: 'Debug', append_output: [] },
    ruleFiles: [file],
  };
  const { ruleset, report } = prepareRules(setup, hostNames);
  if (ruleset === undefined) return { filter: undefined, file, report };
  const hits = new Int32Array(ROOM);
  const { matchers } = ruleset;
  const matches = (event: EventContext): boolean => {
    const matcher = matchers[event.view.code];
    return matcher !== undefined && matcher(event, hits) > 0;
  };
  return { filter: { ruleset, matches }, file, report };
}

/** The condition stands in lines of its own, so that findings show it as it was written. */
function ruleOf(condition: string): string {
  const lines = condition.split('\n').map((line) => `    ${line}`);
  return `- rule: filter\n  desc: d\n  output: o\n  priority: DEBUG\n  warn_evttypes: false\n  condition: >-\n${lines.join('\n')}\n`;
}
