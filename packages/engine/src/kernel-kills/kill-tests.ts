/** Tests of conditions as facts that the kernel can tell, exactly or not at all. */

import { type CheckedTest, plainFieldOf, prepareScalarTest } from '@peregrine/lang';
import type { EventContext } from '@peregrine/state';
import {
  type Clause,
  clauseOf,
  FIRST_PATH_FACT,
  FIRST_UID_FACT,
  killFact,
  killLimits,
} from './kill-facts.ts';

type Test = CheckedTest<EventContext>;

/** A path that is asked for; `isStart`: or what begins so. Byte text. */
export interface KillPath {
  readonly of: 'file' | 'program';
  readonly text: string;
  readonly isStart: boolean;
  /** Facts of all paths that it equals or begins with, its own included. */
  readonly facts: number;
}

/** Thrown within this folder: why a condition cannot be decided in the kernel. */
export class Refusal extends Error {}

const opening: ReadonlySet<string> = new Set(['open', 'openat', 'openat2', 'creat']);

/** Gives facts to user ids and paths, in the order in which conditions ask for them. */
export class KillTests {
  readonly #uids: number[] = [];
  readonly #pathTests = new Map<
    string,
    { readonly of: KillPath['of']; readonly texts: readonly string[]; readonly isStart: boolean }
  >();

  get uids(): readonly number[] {
    return this.#uids;
  }

  get paths(): readonly KillPath[] {
    const entries = [...this.#pathTests.values()].flatMap(({ of, texts, isStart }, index) =>
      texts.map((text) => ({ of, text, isStart, fact: 1 << (FIRST_PATH_FACT + index) })),
    );
    const all = entries.map(({ of, text, isStart }) => {
      const takers = entries.filter(
        (other) =>
          other.of === of && (other.isStart ? text.startsWith(other.text) : !isStart && other.text === text),
      );
      return { of, text, isStart, facts: takers.reduce((facts, { fact }) => facts | fact, 0) >>> 0 };
    });
    return [...new Map(all.map((path) => [`${path.of} ${path.isStart} ${path.text}`, path])).values()];
  }

  /** Clauses of which one holds where the test does, or where it does not. Throws a Refusal. */
  clausesOf(test: Test, eventName: string, isNegated: boolean): readonly Clause[] {
    const field = plainFieldOf(test);
    if (field === undefined || test.right.kind !== 'constants')
      throw new Refusal('it compares with a field, a changed value or none at all');
    switch (field.text) {
      case 'evt.is_open_read':
        return this.#flag(test, killFact.reads, isNegated);
      case 'evt.is_open_write':
        return this.#flag(test, killFact.writes, isNegated);
      case 'evt.failed':
        return this.#flag(test, killFact.success, !isNegated);
      case 'evt.rawres':
      case 'fd.num':
      case 'evt.res':
        return this.#success(test, field.text, isNegated);
      case 'user.uid':
        return this.#uid(test, isNegated);
      case 'proc.exepath':
        return this.#path(test, 'program', isNegated);
      case 'fd.name':
        if (opening.has(eventName)) return this.#path(test, 'file', isNegated);
        throw new Refusal(`\`fd.name\` of ${eventName} is not known there`);
      default:
        throw new Refusal(`\`${field.text}\` is not known there`);
    }
  }

  #flag(test: Test, fact: number, isNegated: boolean): readonly Clause[] {
    const holds = prepareScalarTest(test);
    return [true, false]
      .filter((isSet) => holds(isSet) !== isNegated)
      .map((isSet) => clauseOf(fact, isSet ? fact : 0));
  }

  #success(test: Test, field: string, isNegated: boolean): readonly Clause[] {
    const [constant] = constantsOf(test);
    const isSuccess = successAskedFor(field, test.operator, constant);
    if (isSuccess === undefined || constantsOf(test).length !== 1)
      throw new Refusal(`of \`${field}\` only success and failure are known there`);
    return [clauseOf(killFact.success, isSuccess !== isNegated ? killFact.success : 0)];
  }

  #uid(test: Test, isNegated: boolean): readonly Clause[] {
    if (!['=', '!=', 'in'].includes(test.operator))
      throw new Refusal('`user.uid` can be compared with `=`, `!=` and `in`');
    const facts = constantsOf(test).map((value) => this.#uidFact(Number(value)));
    const isAny = (test.operator !== '!=') !== isNegated;
    if (isAny) return facts.map((fact) => clauseOf(fact, fact));
    return [
      clauseOf(
        facts.reduce((all, fact) => all | fact, 0),
        0,
      ),
    ];
  }

  #uidFact(uid: number): number {
    let index = this.#uids.indexOf(uid);
    if (index < 0) index = this.#uids.push(uid) - 1;
    if (index >= killLimits.uids) throw new Refusal(`rules ask for more than ${killLimits.uids} user ids`);
    return 1 << (FIRST_UID_FACT + index);
  }

  /** A path that cannot be told, as that of a file that was not opened, passes no test and no negated one. */
  #path(test: Test, of: KillPath['of'], isNegated: boolean): readonly Clause[] {
    if (!['=', '!=', 'in', 'startswith'].includes(test.operator))
      throw new Refusal('paths can be compared with `=`, `!=`, `in` and `startswith`');
    const texts = constantsOf(test).map(String);
    if (texts.some((text) => !text.startsWith('/') || text.length > killLimits.pathBytes))
      throw new Refusal(`paths must be absolute, and have at most ${killLimits.pathBytes} bytes`);
    const fact = this.#pathFact({ of, texts, isStart: test.operator === 'startswith' });
    const known = of === 'file' ? killFact.fileKnown | killFact.success : killFact.programKnown;
    return [clauseOf(fact | known, known | ((test.operator === '!=') === isNegated ? fact : 0))];
  }

  #pathFact(wanted: {
    readonly of: KillPath['of'];
    readonly texts: readonly string[];
    readonly isStart: boolean;
  }): number {
    const key = `${wanted.of} ${wanted.isStart} ${wanted.texts.join('\0')}`;
    if (!this.#pathTests.has(key)) this.#pathTests.set(key, wanted);
    const index = [...this.#pathTests.keys()].indexOf(key);
    if (index >= killLimits.pathFacts)
      throw new Refusal(`rules ask for more than ${killLimits.pathFacts} sets of paths`);
    return (1 << (FIRST_PATH_FACT + index)) >>> 0;
  }
}

function constantsOf({ right }: Test): readonly (string | number | bigint | boolean)[] {
  if (right.kind !== 'constants') return [];
  return right.values.map((constant) => {
    if (constant.kind !== 'scalar' || typeof constant.value === 'object')
      throw new Refusal('it compares with an address');
    return constant.value;
  });
}

/** `true`: the test holds for success, and for nothing else. */
function successAskedFor(field: string, operator: string, value: unknown): boolean | undefined {
  if (field === 'evt.res')
    return value !== 'SUCCESS' ? undefined : operator === '=' ? true : operator === '!=' ? false : undefined;
  const number = Number(value);
  if ((operator === '>=' && number === 0) || (operator === '>' && number === -1)) return true;
  return (operator === '<' && number === 0) || (operator === '<=' && number === -1) ? false : undefined;
}
