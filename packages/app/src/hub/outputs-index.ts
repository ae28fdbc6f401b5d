/** What the commands about outputs work with. */

export {
  describeHubOutput,
  describeOutput,
  findOutput,
  type KeyDescription,
  listOutputs,
  type OutputDescription,
} from './describe-outputs.ts';
export {
  type LetterSummary,
  letterFolder,
  lettersOf,
  orderReplay,
  removeLetter,
  type StoredLetter,
  summaryOf,
} from './letters.ts';
export { type TestedOutput, testOutput } from './test-output.ts';
