/** What runs the containers of pods: the part of a kubelet that tests replace. */

import type { Readable, Writable } from 'node:stream';
import type { JsonDocument } from '../document.ts';

export interface ContainerPlace {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

export interface ContainerStart extends ContainerPlace {
  /** The whole pod, as it is stored. */
  readonly object: JsonDocument;
  /** The container's own part: `image`, `command`, `args`, `env`. */
  readonly spec: JsonDocument;
}

export interface StartedContainer {
  /** As runtimes have it: 64 hex digits. */
  readonly id: string;
  /** Its exit code, when it has ended by itself. */
  readonly ended: Promise<number>;
}

/** Somebody who sits at a container's own program. */
export interface AttachCall extends ContainerPlace {
  readonly isTty: boolean;
  /** Ends at once where no input was asked for. */
  readonly stdin: Readable;
  readonly stdout: Writable;
  /** With a terminal all output is in `stdout`. */
  readonly stderr: Writable;
  /** Called with each size that the terminal takes on. */
  onResize(listener: (columns: number, rows: number) => void): void;
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal;
}

/** A command that somebody has run in a container. */
export interface ExecCall extends AttachCall {
  readonly command: readonly string[];
}

export interface LogLine {
  readonly timeMs: number;
  /** Without its end. */
  readonly text: string;
}

export interface PodRuntime {
  /** Resolves when it runs. Rejects when it cannot be started. */
  start(container: ContainerStart): Promise<StartedContainer>;
  /** Asks it to end, and ends it after the grace. Resolves when it is gone; also when it never was there. */
  stop(container: ContainerPlace, graceMs: number): Promise<void>;
  /** Resolves to the exit code. Rejects when the command could not be started. */
  exec(call: ExecCall): Promise<number>;
  /** Resolves when the program has ended, or its client has gone. Without it, clients see what is written, no more. */
  attach?(call: AttachCall): Promise<void>;
  /** What it wrote so far, oldest first. */
  logOf(container: ContainerPlace): readonly LogLine[];
  /** Called for each line to come. Gives what ends that. */
  followLog(container: ContainerPlace, listener: (line: LogLine) => void): () => void;
  close(): Promise<void>;
}
