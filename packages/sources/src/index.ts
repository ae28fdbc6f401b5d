export { CaptureFile, type CaptureFileOptions, encodeHead } from './capture-file/capture-file-writer.ts';
export {
  type CaptureOptions,
  type CaptureSource,
  captureSource,
  openCapture,
} from './capture-file/capture-source.ts';
export { type SectionRecords, writeSection } from './capture-file/record-encoder.ts';
export { buildProbe, isProbeCurrent, probeObjectPath } from './ebpf/build.ts';
export { findCgroups } from './ebpf/cgroup-paths.ts';
export {
  type CoveredCall,
  coverage,
  foreignCalls,
  type ReportMode,
  unreported,
} from './ebpf/coverage.ts';
export {
  type EbpfCounters,
  type EbpfOptions,
  type EbpfSource,
  openEbpf,
  type ScanResult,
} from './ebpf/ebpf-source.ts';
export type { AskedHookMode } from './ebpf/hook-mode.ts';
export { probeObstacle } from './ebpf/loader.ts';
export type { CgroupLoss } from './ebpf/loss-table.ts';
export { findProcRoot } from './ebpf/own-pid.ts';
export { countRunTimesForGood, type ProgramStats } from './ebpf/program-stats.ts';
export type { Kill, KillMode, ProbeKills, TakenKills } from './ebpf/rule-kills.ts';
export { coveredSyscalls, rareSyscalls, reportable } from './ebpf/syscall-coverage.ts';
export { numberOn } from './ebpf/syscall-numbers.ts';
export type { EventHandler, EventSource } from './event-source.ts';
export type { ProcOptions } from './procfs/scan-host.ts';
export { createProcLookup, type ProcLookup, scanOpenFiles, scanProc } from './procfs/scan-proc.ts';
