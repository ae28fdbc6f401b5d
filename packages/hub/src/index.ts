export { type DecodedAlert, decodeAlert, missingFrom, priorityNamed } from './intake/decode-alert.ts';
export { type Processed, type ProcessingSettings, processAlert } from './intake/process-alert.ts';
export { type BodyItem, type ReadBody, readBody, readLines } from './intake/read-body.ts';
export { testAlert } from './intake/test-alert.ts';
