/** Memory sizes and page faults. HOT and frequent: in use only when a field shows them. */

import type { EventView } from '@peregrine/events';
import type { CurrentEvent } from '../event-context.ts';
import type { Thread } from '../thread.ts';
import type { World } from '../world.ts';
import type { TransitionFamily } from './transition.ts';

/** brk, mmap, mmap2, munmap: the sizes follow the result, also when the call failed. */
function resize(world: World, _event: CurrentEvent, view: EventView, thread: Thread): void {
  if (!world.keepsMemory || view.size(1) === 0) return;
  thread.vmsizeKb = view.u32(1);
  thread.vmrssKb = view.u32(2);
  thread.vmswapKb = view.u32(3);
}

/** A context switch tells of the thread that leaves the processor; sizes are its process's. */
function leaveCpu(world: World, _event: CurrentEvent, view: EventView, thread: Thread): void {
  if (world.keepsFaults && view.size(1) > 0) {
    thread.pfmajor = view.u64(1);
    thread.pfminor = view.u64(2);
  }
  if (world.keepsMemory && view.size(3) > 0) {
    const { main } = thread;
    main.vmsizeKb = view.u32(3);
    main.vmrssKb = view.u32(4);
    main.vmswapKb = view.u32(5);
  }
}

export const memoryTransitions: TransitionFamily = {
  name: 'memory',
  onlyFor: ['memory'],
  transitions: { 159: resize, 161: resize, 163: resize, 165: resize },
};

export const switchTransitions: TransitionFamily = {
  name: 'switch',
  onlyFor: ['memory', 'faults'],
  transitions: { 152: leaveCpu },
};
