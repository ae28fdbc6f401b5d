/**
 * Filters that the rules need no more than, handed to the running probe. One of two places is in use while the other is
 * written, so that the probe never sees half a filter.
 */

import { Fault } from '@peregrine/base';
import { controlLayout, filterLayout } from './probe-layout.ts';

export class RuleFilters {
  readonly #control: DataView;
  readonly #places: Uint8Array;
  /** 0: no filter. */
  #slot = 0;
  #generation = 0;

  /** `places`: the map `filters`, shared with the kernel. */
  constructor(control: DataView, places: Uint8Array) {
    this.#control = control;
    this.#places = places;
    this.forgetFds();
  }

  /** From now on only what passes this filter is reported; `undefined`: everything that is asked for. */
  use(filter: Uint8Array | undefined): void {
    if (filter === undefined) {
      this.#switchTo(0);
      return;
    }
    if (filter.length !== filterLayout.sizeBytes)
      throw new Fault(
        'probe-filter',
        `a filter has ${filterLayout.sizeBytes} bytes for this probe, not ${filter.length}`,
      );
    const slot = this.#slot === 1 ? 2 : 1;
    this.#places.set(filter, (slot - 1) * filterLayout.sizeBytes);
    // Without a filter nothing was marked.
    if (this.#slot === 0) this.forgetFds();
    this.#switchTo(slot);
  }

  /**
   * Any descriptor of any process may be known to user space: called before it learns of some by another way than
   * events.
   */
  forgetFds(): void {
    this.#generation = (this.#generation % 0xffff_ffff) + 1;
    this.#control.setUint32(controlLayout.fdGeneration, this.#generation, true);
  }

  #switchTo(slot: number): void {
    this.#slot = slot;
    this.#control.setUint32(controlLayout.filterSlot, slot, true);
  }
}
