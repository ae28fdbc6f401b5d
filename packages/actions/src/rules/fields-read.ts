/** Fields of alerts that a plan looks at: what sensors have to put into alerts for it to work. */

import type { ResponsePlan } from './plan.ts';

/** Names have a dot, and may have an argument. */
const NAME = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|(?<![\w.])([a-z][\w]*(?:\.[\w]+)+(?:\[[^\]]*\])?)/g;
const STEPS = 'steps.';

/** In a condition, as it is written; what stands in quotes is none. */
export function fieldsIn(condition: string): readonly string[] {
  const names = [...condition.matchAll(NAME)].flatMap(([, name]) => name ?? []);
  return [...new Set(names.filter((name) => !name.startsWith(STEPS)))];
}

/** Each once, sorted: what tells targets, and what conditions ask for. */
export function fieldsReadBy({ rules }: ResponsePlan): readonly string[] {
  const names = rules.flatMap(({ parts, steps }) => [
    ...parts.flatMap(({ fields }) => fields),
    ...steps.flatMap(({ action, when }) => [...action.target.fields, ...fieldsIn(when?.text ?? '')]),
  ]);
  return [...new Set(names)].sort();
}
