/**
 * The file that a thread runs. Threads have it from their parent until an exec, so they share one object: a thread is
 * smaller, and a clone copies less.
 */

/** Times of the inode are unsigned words. INVARIANT: never written to once made, since threads share it. */
export interface Executable {
  readonly ino: number | bigint;
  readonly ctimeLow: number;
  readonly ctimeHigh: number;
  readonly mtimeLow: number;
  readonly mtimeHigh: number;
}

export const NO_EXECUTABLE: Executable = { ino: 0, ctimeLow: 0, ctimeHigh: 0, mtimeLow: 0, mtimeHigh: 0 };
