export { type Alert, type AlertValue, type Priority, priorities } from './alert.ts';
export {
  type AlertStory,
  MOST_STORY_EVENTS,
  type StoryEvent,
  type StoryProcess,
  type StoryTerm,
} from './alert-story.ts';
export { type AlertTime, parseAlertTime } from './alert-time.ts';
export { goTime } from './go-time.ts';
export { type HubAlert, type HubValue, TEST_RULE } from './hub-alert.ts';
export { documentOf, encodeAlert, readyJsonOf } from './json/alert-json.ts';
export { type Encodable, encodeJson, encodeText, ReadyJson } from './json/encode-json.ts';
export { ExactNumber, exactNumber } from './json/exact-number.ts';
export { type ParsedJson, parseJson, skipSpace } from './json/parse-json.ts';
export { priorityNamed } from './priority-named.ts';
export {
  decodeAlert,
  decodeStored,
  decodeStory,
  encodeContinuation,
  encodeStored,
  type StoredAlert,
  type StoredRouting,
  type StoryContinuation,
} from './stored-alert.ts';
export { isNumeric, textOfValue } from './value-text.ts';
