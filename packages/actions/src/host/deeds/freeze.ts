/** Stops all processes of a control group, and lets them go on. */

import { closeSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { choice, schema, text } from '@peregrine/base';
import type { ActionOutcome } from '../../action.ts';
import { type DeedCall, defineDeed, refused, unchanged } from '../deed.ts';
import { knownGroup } from '../known-group.ts';
import { identify, type ProcessData, processKeys } from '../known-process.ts';
import { type ControlGroup, groupAt } from '../linux/control-groups.ts';

/** The switch belongs to whoever made the group. */
export const freezeCapabilities: readonly string[] = ['CAP_DAC_OVERRIDE', 'CAP_SYS_PTRACE'];

/** How long the kernel may take to stop all of them, milliseconds. */
const SETTLE_MS = 2_000;
const LOOK_MS = 5;

export const freeze = defineDeed({
  name: 'freeze',
  doc: "Stops all processes of a process's control group, or of its container.",
  data: schema(processKeys),
  capabilities: () => freezeCapabilities,
  run: (call) =>
    withGroup(call, async (group) => {
      if (isFrozen(group)) return unchanged(`control group \`${group.path}\` is frozen already`);
      if (!call.isDryRun) {
        turn(group, true);
        await settled(group, call.signal);
      }
      const { hierarchy, path } = group;
      return {
        kind: 'done',
        summary: `${call.isDryRun ? 'would freeze' : 'froze'} control group \`${path}\``,
        changes: [{ object: `cgroup ${path}`, before: 'running', after: 'frozen' }],
        undo: { hierarchy, path },
      };
    }),
});

export const thaw = defineDeed({
  name: 'thaw',
  doc: "Lets all processes of a process's control group, or of its container, go on.",
  data: schema(processKeys),
  capabilities: () => freezeCapabilities,
  run: (call) => withGroup(call, async (group) => thawOne(group, call.isDryRun)),
});

export const thawGroup = defineDeed({
  name: 'thaw-group',
  doc: 'Lets all processes of a control group go on.',
  data: schema({
    hierarchy: choice(['unified', 'freezer'], { doc: 'Where it is.' }),
    path: text({ doc: 'Within the hierarchy.' }),
  }),
  capabilities: () => freezeCapabilities,
  run: ({ data, isDryRun }) => {
    const group = groupAt(data.hierarchy, data.path);
    return group === undefined
      ? unchanged(`control group \`${data.path}\` is gone`)
      : thawOne(group, isDryRun);
  },
});

async function withGroup(
  call: DeedCall<ProcessData>,
  act: (group: ControlGroup) => Promise<ActionOutcome>,
): Promise<ActionOutcome> {
  const known = identify(call.data, call);
  if (known.kind === 'not') return known.outcome;
  try {
    const found = knownGroup(known.facts.pid, call.data.container, call);
    return found.kind === 'not' ? found.outcome : await act(found.group);
  } catch (error) {
    return refused(
      `its control group cannot be used: ${error instanceof Error ? error.message : String(error)}`,
    );
  } finally {
    closeSync(known.pidfd);
  }
}

function thawOne(group: ControlGroup, isDryRun: boolean): ActionOutcome {
  const { path } = group;
  if (!isFrozen(group)) return unchanged(`control group \`${path}\` is not frozen`);
  if (!isDryRun) turn(group, false);
  return {
    kind: 'done',
    summary: `${isDryRun ? 'would thaw' : 'thawed'} control group \`${path}\``,
    changes: [{ object: `cgroup ${path}`, before: 'frozen', after: 'running' }],
  };
}

function turn({ hierarchy, folder }: ControlGroup, isFrozen: boolean): void {
  const [file, word] =
    hierarchy === 'unified'
      ? (['cgroup.freeze', isFrozen ? '1' : '0'] as const)
      : (['freezer.state', isFrozen ? 'FROZEN' : 'THAWED'] as const);
  // Nothing is made where a machine has no such switch.
  writeFileSync(join(folder, file), word, { flag: 'r+' });
}

/** Of itself, not of a group that it is in. */
function isFrozen({ hierarchy, folder }: ControlGroup): boolean {
  return hierarchy === 'unified'
    ? read(folder, 'cgroup.freeze') === '1'
    : read(folder, 'freezer.self_freezing') === '1';
}

/** Waits until none of its processes runs any more, or for as long as is worth it: it goes on by itself. */
async function settled({ hierarchy, folder }: ControlGroup, signal: AbortSignal): Promise<void> {
  const endMs = performance.now() + SETTLE_MS;
  while (performance.now() < endMs && !signal.aborted) {
    const isOver =
      hierarchy === 'unified'
        ? /^frozen 1$/m.test(read(folder, 'cgroup.events'))
        : read(folder, 'freezer.state') === 'FROZEN';
    if (isOver) return;
    await sleep(LOOK_MS);
  }
}

function read(folder: string, file: string): string {
  return readFileSync(join(folder, file), 'latin1').trim();
}
