export {
  type CallResult,
  defaultRuntimeLimits,
  FunctionRuntime,
  type FunctionSpec,
  type FunctionStatus,
  fullNameOf,
  isLabel,
  parseBytes,
  reasonOf,
  replyOf,
  serveFunctions,
} from '@peregrine/functions';
export { functionCaller } from './function-caller.ts';
export { type FunctionsSetup, openFunctions, readSetFunctions } from './open-functions.ts';
