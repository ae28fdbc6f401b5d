/** Ends a `switch` over a union: a new member without a case fails to type-check here. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
