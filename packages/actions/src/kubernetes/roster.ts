/** Actions on Kubernetes. */

import type { Action } from '../action.ts';

export const kubernetesActions: readonly Action[] = [];
