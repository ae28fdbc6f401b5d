/** Actions on whatever answers elsewhere. */

import type { Action } from '../action.ts';
import { awsLambda } from './aws-lambda.ts';
import { functionCall } from './function-call.ts';
import { gcpFunction } from './gcp-function.ts';
import { httpFunction } from './http-function.ts';

export const remoteActions: readonly Action[] = [awsLambda, gcpFunction, httpFunction, functionCall];
