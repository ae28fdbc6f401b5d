export { functionDiagnostics } from './diagnostics.ts';
export { type FunctionSpec, fullNameOf, type Language } from './function-spec.ts';
export { replyOf, type ServeOptions, serveFunctions } from './http/serve-functions.ts';
export { isLabel, partsOfHandler } from './manifest/check-function.ts';
export { parseBytes } from './manifest/quantity.ts';
export { type FunctionsRequest, type ReadFunctions, readFunctions } from './manifest/read-functions.ts';
export type { Account } from './process/messages.ts';
export { type CallResult, type FunctionCall, outcomeOf, reasonOf } from './runtime/call.ts';
export {
  defaultRuntimeLimits,
  FunctionRuntime,
  type FunctionStatus,
  type RuntimeLimits,
  type RuntimeOptions,
} from './runtime/function-runtime.ts';
