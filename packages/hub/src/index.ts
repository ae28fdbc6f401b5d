export { type DecodedAlert, decodeAlert, missingFrom } from './intake/decode-alert.ts';
export { decodeContinuation, decodeStory } from './intake/decode-story.ts';
export { type Processed, type ProcessingSettings, processAlert } from './intake/process-alert.ts';
export { type BodyItem, type ReadBody, readBody, readLines } from './intake/read-body.ts';
export { testAlert } from './intake/test-alert.ts';
export { HeldTally } from './routing/held-tally.ts';
export type { NoiseSettings, RollUp } from './routing/noise.ts';
export {
  type Decision,
  Router,
  type RouterSettings,
  type RouteSettings,
  type SilenceSettings,
} from './routing/router.ts';
export { createSchedule, type Schedule, type ScheduleSettings, weekDays } from './routing/schedule.ts';
