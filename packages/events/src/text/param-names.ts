/** What rendering parameters asks of whoever knows tables, and its words for what is not there. */

/** What the tables know about the numbers in the event at hand. `undefined` where they know nothing. */
export interface ParamNames {
  /** `<f>/etc/passwd`: the kind's character in angle brackets, then the name. */
  fdText(fd: number): string | undefined;
  /** One character for the descriptor's kind. */
  fdTypeChar(fd: number): string | undefined;
  /** Name of the thread's program. */
  commOf(tid: number): string | undefined;
  userName(uid: number): string | undefined;
  groupName(gid: number): string | undefined;
  /** A relative path joined with the working directory. */
  pathFromCwd(path: string): string;
  /** A relative path joined with the directory that a descriptor stands for. */
  pathFrom(dirfd: number, path: string): string;
}

/** A parameter without bytes. */
export const MISSING = '<NA>';
/** The same, where the type is a run of bytes. */
export const MISSING_BYTES = 'NULL';
