/** What the sensor's thread and the main thread tell each other. All of it is plain data. */

import type { Alert, StoryContinuation } from '@peregrine/alert';
import type { ExecRequest } from '@peregrine/sources/feeds';
import type { Container } from '@peregrine/state';
import type { ContainerAnswers } from '../containers/container-watch.ts';
import type { LogLevel } from '../log.ts';
import type { Confinement } from '../privileges/confinement.ts';
import type { OrderedRecording } from '../recording/alert-recorder.ts';
import type { RulesReport } from '../rules/load-rules.ts';
import type { Measurement } from './measure/measurement.ts';
import type { Setup } from './setup.ts';
import type { Statistics } from './statistics.ts';

export interface SensorStart {
  readonly setup: Setup;
  readonly hostname: string;
  /** Watch only what this names: `cgroup:PATH` or `container:ID`. */
  readonly scope: string | undefined;
  /** Measure who makes events and what rules cost, for somebody who looks. */
  readonly isProfiled: boolean;
  /** Where the host's files are seen; `''` for where they are. */
  readonly hostRoot: string;
  /** Somebody keeps the stories around alerts. */
  readonly tellsStories: boolean;
  /** What this thread may keep. */
  readonly confinement: Confinement;
  /** Kubernetes node, as the environment names it. */
  readonly nodeName: string | undefined;
}

export type ToSensor =
  | { readonly kind: 'reload'; readonly setup: Setup }
  | { readonly kind: 'stop' }
  | { readonly kind: 'measure'; readonly id: number }
  /** A recording is wanted, of so long from now on. */
  | { readonly kind: 'record'; readonly id: number; readonly durationMs: number }
  /** Requests to run something in a pod, from the audit log. */
  | { readonly kind: 'execs'; readonly requests: readonly ExecRequest[] }
  /** What runtimes answered. */
  | { readonly kind: 'containers'; readonly answers: ContainerAnswers }
  /** Paths of cgroups that were asked for, of those that were found. */
  | { readonly kind: 'cgroups'; readonly paths: ReadonlyMap<bigint, string> };

export type FromSensor =
  | { readonly kind: 'rules'; readonly report: RulesReport }
  /** The kernel is asked to take the probe, which may take it seconds. */
  | { readonly kind: 'loading' }
  /** Watching has begun; `title` says how. */
  | { readonly kind: 'started'; readonly title: string }
  | { readonly kind: 'alerts'; readonly alerts: readonly Alert[] }
  /** What came after alerts, some seconds ago. */
  | { readonly kind: 'stories'; readonly continuations: readonly StoryContinuation[] }
  | { readonly kind: 'losses'; readonly sinceLast: number; readonly losses: Readonly<Record<string, number>> }
  | { readonly kind: 'measured'; readonly id: number; readonly measurement: Measurement }
  | { readonly kind: 'recorded'; readonly id: number; readonly became: OrderedRecording }
  /** The paths of these cgroups are wanted. */
  | { readonly kind: 'cgroups-wanted'; readonly cgroups: readonly bigint[] }
  /** Containers that were met, and that are gone. */
  | { readonly kind: 'containers-met'; readonly containers: readonly Container[] }
  | { readonly kind: 'containers-gone'; readonly containers: readonly Container[] }
  /** The end of a reload: in use, or refused with the old rules still in use. */
  | { readonly kind: 'reloaded'; readonly isInUse: boolean; readonly report: RulesReport }
  /** Something that users should know. */
  | { readonly kind: 'note'; readonly level: LogLevel; readonly text: string }
  | { readonly kind: 'bug'; readonly text: string }
  /** It cannot start or go on. */
  | {
      readonly kind: 'fault';
      readonly code: string;
      readonly message: string;
      readonly hint: string | undefined;
    }
  | { readonly kind: 'stopped'; readonly statistics: Statistics };
