/** Functions in JavaScript that do what they should not: what becomes of them, of other calls, and of the machine. */

import { describe } from 'vitest';
import { describeEnds, describeWild, javascript } from './functions-wild.ts';

describe('a wild function', () => describeWild(javascript, false));
describe('at the end of the program', () => describeEnds(javascript, false));
