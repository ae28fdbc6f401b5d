export {
  type CaptureOptions,
  type CaptureSource,
  captureSource,
  openCapture,
} from './capture-file/capture-source.ts';
export type { EventHandler, EventSource } from './event-source.ts';
export { createProcLookup, type ProcLookup, type ProcOptions, scanProc } from './procfs/scan-proc.ts';
