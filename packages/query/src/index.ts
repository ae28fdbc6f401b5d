export { alertSource, urgencyOf } from './alert-source.ts';
export { type ConditionProblem, type Conditions, compileConditions } from './conditions.ts';
