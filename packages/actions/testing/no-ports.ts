/** Ports for actions that ask for none: who does all the same has a bug. */

import type { ActionPorts } from '../src/action.ts';

const nothing = (): never => {
  throw new Error('this test has no such port');
};

export const noPorts: ActionPorts = {
  kube: nothing,
  hands: nothing,
  environment: {},
  callFunction: undefined,
  record: undefined,
};
