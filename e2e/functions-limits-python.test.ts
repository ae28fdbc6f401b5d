/** Functions in Python that do what they should not: what becomes of them, of other calls, and of the machine. */

import { describe } from 'vitest';
import { describeEnds, describeWild, hasPython, python } from './functions-wild.ts';

describe('a wild function', () => describeWild(python, !hasPython));
describe('at the end of the program', () => describeEnds(python, !hasPython));
