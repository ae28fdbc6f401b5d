/** What the runtime and the process of a function say to each other. */

/** The user that a function runs as. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}

export interface ProcessLimits {
  /** What a call may take beyond what the loaded function holds. */
  readonly memoryBytes: number;
  /** Threads and processes that the user may have, all in all. */
  readonly tasks: number;
  readonly openFiles: number;
  readonly fileBytes: number;
  readonly answerBytes: number;
}

/** The first frame: who to be and what to load. */
export interface StartMessage {
  readonly kind: 'start';
  /** `null`: as whoever started it. */
  readonly account: Account | null;
  readonly limits: ProcessLimits;
  /** Path of the module. */
  readonly code: string;
  readonly moduleName: string;
  readonly exportName: string;
  /** Folder to be in. */
  readonly home: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Folders with installed packages. */
  readonly searchPaths: readonly string[];
  /** For Python: what should be installed. */
  readonly requirements: string;
  /** What functions get as `context`. */
  readonly context: Readonly<Record<string, string | number>>;
}

export interface RequestFacts {
  readonly method: string;
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  /** Names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  /** Address of whoever asked. */
  readonly remote: string;
}

export interface CallMessage {
  readonly kind: 'call';
  readonly id: number;
  /** `event-id` and the others, `null` where no header says. */
  readonly event: Readonly<Record<string, string | null>>;
  readonly request: RequestFacts;
}

/** Ends one call; only processes that have several know it. */
export interface KillMessage {
  readonly kind: 'kill';
  readonly id: number;
}

export interface ReadyMessage {
  readonly kind: 'ready';
  readonly version: string;
  readonly notes: readonly string[];
}

/** The function cannot be loaded. */
export interface UnfitMessage {
  readonly kind: 'unfit';
  readonly reason: string;
  /** Module that is not installed. */
  readonly missing?: string | null;
}

export type CallOutcome = 'answered' | 'raised' | 'bad_json' | 'ended' | 'killed' | 'too_large';

export interface DoneMessage {
  readonly kind: 'done';
  readonly id: number;
  readonly outcome: CallOutcome;
  readonly contentType?: string;
  readonly status?: number;
  readonly reason?: string;
}

export const CONTROL_FD = 3;
