/** What users should know of rules that load without fault. */

import type { RulesReport } from './load-rules.ts';

/** One line for each source whose rules are on and will see no event. */
export function notesOnRules({ silentSources }: RulesReport): readonly string[] {
  return silentSources.map(
    ({ name, enabledCount }) =>
      `${enabledCount} of the rules that are on are for \`${name}\`: they are checked, but nothing gives events of that source: \`plugins\` says where they come from`,
  );
}
