/** Every action that rules may name. */

import type { Action } from './action.ts';
import { hostActions } from './host/roster.ts';
import { kubernetesActions } from './kubernetes/roster.ts';
import { remoteActions } from './remote/roster.ts';

export const actionRoster: readonly Action[] = [...kubernetesActions, ...hostActions, ...remoteActions];

/** `undefined` for a name that is none. */
export function actionNamed(name: string): Action | undefined {
  return actionRoster.find((action) => action.name === name);
}
