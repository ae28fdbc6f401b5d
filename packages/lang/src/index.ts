export type { PrintFormat, ValueType } from '@peregrine/base';
export { exceptionCondition } from './1-read/condition-text.ts';
export { parsePriority, priorityNames } from './1-read/priority.ts';
export { type ParsedCondition, parseCondition } from './2-parse/parse-condition.ts';
export { constantText, renderCondition } from './2-parse/render.ts';
export type { Condition } from './2-parse/tree.ts';
export type { OutputAddition } from './3-check/check-output.ts';
export type {
  CheckedArgument,
  CheckedCondition,
  CheckedOperand,
  CheckedOutputPart,
  CheckedRight,
  CheckedRule,
  CheckedTest,
  Constant,
  ExtraField,
} from './3-check/checked.ts';
export { type CompiledRules, compileRules, type MatchFunction } from './4-compile/compile.ts';
export { createDecider, type Decider } from './4-compile/decide.ts';
export { fieldsOfOperand } from './4-compile/operand.ts';
export { type Explanation, evaluate, explain } from './4-compile/oracle.ts';
export {
  type CompiledOutput,
  compileOutput,
  MISSING_TEXT,
  renderJson,
  renderText,
} from './4-compile/output.ts';
export {
  compilePartialCondition,
  compilePartialOutput,
  type PartialCondition,
  type PartialOutput,
  type PartialVerdict,
} from './4-compile/partial.ts';
export { plainFieldOf, prepareScalarTest } from './4-compile/prepare-test.ts';
export { testsOf } from './4-compile/tests-of.ts';
export type { JsonValue, RenderOptions } from './4-compile/value-text.ts';
export type {
  ArgumentSpec,
  BoundField,
  Catalogue,
  FieldInfo,
  Quantifier,
  Reader,
  Resolution,
  Scope,
  Source,
} from './catalogue.ts';
export {
  type FalcoFinding,
  type FalcoLoadResult,
  type FalcoLocation,
  falcoLoadResultOf,
  type RenderedLoadResults,
  renderFalcoLoadResults,
} from './diagnostics/falco-results.ts';
export { type FlatDiagnostic, flatDiagnostic } from './diagnostics/flat.ts';
export { type RenderDiagnosticsOptions, renderDiagnostics } from './diagnostics/render.ts';
export { type DiagnosticFacts, diagnosticRoster } from './diagnostics/roster.ts';
export { kernelResponseRefused } from './diagnostics/semantics.ts';
export {
  type FileResult,
  type LoadedList,
  type LoadedMacro,
  type LoadedRules,
  type LoadOptions,
  loadRules,
  type RuleDefinition,
  type RulesFile,
} from './load.ts';
export { compileGlob } from './operators/glob-pattern.ts';
export type { Operator, TypeFamily } from './operators/operator.ts';
export { operatorOf, operatorRoster } from './operators/roster.ts';
export type { Shape, Transformer, TransformerArgument, TransformerExample } from './operators/transformer.ts';
export { transformerOf, transformerRoster } from './operators/transformers.ts';
export { familyOf, isComparableList } from './operators/type-families.ts';
export { matchesWildcard, type RuleSelection, selectRules } from './select.ts';
export type { Scalar, Value } from './value.ts';
