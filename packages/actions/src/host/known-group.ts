/** The control group of a process or a container, unless the machine or its watch depends on what is in it. */

import { statSync } from 'node:fs';
import type { ActionOutcome } from '../action.ts';
import { type DeedWorld, refused } from './deed.ts';
import { whyProtected } from './known-process.ts';
import { type ControlGroup, findGroup, membersOf } from './linux/control-groups.ts';
import { readProcess } from './linux/process-facts.ts';

export type KnownGroup =
  | { readonly kind: 'known'; readonly group: ControlGroup; readonly members: readonly number[] }
  | { readonly kind: 'not'; readonly outcome: ActionOutcome };

export function knownGroup(pid: number, containerId: string, world: DeedWorld): KnownGroup {
  const found = findGroup(pid, containerId);
  if ('why' in found) return { kind: 'not', outcome: refused(found.why) };
  const members = membersOf(found.group);
  const why = whyGroupProtected(found.group, members, containerId !== '', world);
  return why === undefined
    ? { kind: 'known', group: found.group, members }
    : { kind: 'not', outcome: refused(why) };
}

/** What a container has in it is its own affair, but for what keeps watch. */
export function whyGroupProtected(
  { path }: ControlGroup,
  members: readonly number[],
  isContainer: boolean,
  world: Pick<DeedWorld, 'settings' | 'ownPids'>,
): string | undefined {
  for (const pid of members) {
    const facts = readProcess(pid);
    if (facts === undefined) continue;
    const why = whyProtected(facts, world);
    if (why !== undefined) return `control group \`${path}\` is left alone: ${why}`;
    if (!isContainer && world.settings.programs.includes(facts.name) && isOfRoot(pid))
      return `control group \`${path}\` is left alone: \`${facts.name}\`, process ${pid}, is in it`;
  }
  return undefined;
}

function isOfRoot(pid: number): boolean {
  return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid === 0;
}
