/** Questions to the sensor that wait for an answer, with a limit of time. */

import { Fault } from '@peregrine/base';

interface Question<T> {
  readonly resolve: (answer: T) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

export class Questions<T> {
  readonly #questions = new Map<number, Question<T>>();
  #count = 0;

  /** `send` hands the question over, with its number. Rejects with a `Fault` when no answer comes in time. */
  ask(send: (id: number) => void, limitMs: number): Promise<T> {
    const id = ++this.#count;
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const timer = setTimeout(() => {
      const text = `the sensor has not answered for ${limitMs / 1_000} s`;
      this.#end(id)?.reject(new Fault('sensor-silent', text));
    }, limitMs);
    this.#questions.set(id, { resolve, reject, timer });
    send(id);
    return promise;
  }

  settle(id: number, answer: T): void {
    this.#end(id)?.resolve(answer);
  }

  /** No answer will come any more. */
  fail(error: unknown): void {
    for (const id of [...this.#questions.keys()]) this.#end(id)?.reject(error);
  }

  #end(id: number): Question<T> | undefined {
    const question = this.#questions.get(id);
    if (question === undefined) return undefined;
    clearTimeout(question.timer);
    this.#questions.delete(id);
    return question;
  }
}
