/** Actions on Kubernetes. */

import type { Action } from '../action.ts';
import { label } from './label.ts';
import { terminate } from './terminate.ts';

export const kubernetesActions: readonly Action[] = [terminate, label];
