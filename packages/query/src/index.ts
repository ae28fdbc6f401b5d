export { alertSource, numbersIn, type TriagedAlert, triagedAlertSource, urgencyOf } from './alert-source.ts';
export {
  type ConditionProblem,
  type Conditions,
  checkTriagedCondition,
  compileConditions,
} from './conditions.ts';
