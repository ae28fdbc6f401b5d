/** What a configuration that is loaded later asks for, and that was given up at the start. */

import type { Config } from '../config/config.ts';
import { neededFor } from './capabilities.ts';
import { hasCapability } from './capability-set.ts';
import type { Confinement } from './confinement.ts';
import { openPrivilegeCalls } from './linux.ts';
import { needsOf } from './needs.ts';

/** Sentences for users; none when all of it works. */
export function givenUp(config: Config, confinement: Confinement, hostRoot: string): readonly string[] {
  const notes: string[] = [];
  if (confinement.settings !== '' && JSON.stringify(config.privileges) !== confinement.settings)
    notes.push('`privileges` has changed, which takes a restart');
  if (!confinement.isOn) return notes;
  if (config.program_output.enabled && !confinement.canExecute)
    notes.push('`program_output` was off at the start, and programs cannot be run since: restart to use it');
  const { canWrite } = openPrivilegeCalls();
  const kept = confinement.kept.main | confinement.kept.sensor;
  for (const { name, condition, keptBy, without } of neededFor(
    needsOf({ config, hostRoot, watchesKernel: false, writes: [], canWrite }),
  )) {
    if (condition === undefined || keptBy.length === 0 || hasCapability(kept, name)) continue;
    notes.push(`${name} was not needed at the start, and is not there: ${without}: restart to have it`);
  }
  return notes;
}
