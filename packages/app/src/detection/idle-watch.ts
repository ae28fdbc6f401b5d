/** Notices that no events come, as `syscall_event_timeouts` says: after so many waits in a row without one. */

/** COMPAT: how long the reference waits for an event at most, by which users have set their limits. */
const WAIT_MS = 30;

export class IdleWatch {
  readonly #most: number;
  #idleMs = 0;

  /** `most`: waits of 30 ms in a row. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Events came. */
  wake(): void {
    this.#idleMs = 0;
  }

  /** No event came for another `ms`. Gives whether that is to be told; counting begins anew then. */
  idle(ms: number): boolean {
    this.#idleMs += ms;
    if (this.#idleMs < this.#most * WAIT_MS) return false;
    this.#idleMs = 0;
    return true;
  }
}
