/**
 * Changes to the rules file of the web interface: checked with all other rules, written whole or not at all, kept as a
 * version, and given to the sensor. What is not good changes nothing.
 */

import { open, rename, unlink } from 'node:fs/promises';
import { ApiError, type Caller } from '@peregrine/api';
import { flatDiagnostic } from '@peregrine/lang';
import type { RulesVersions } from '@peregrine/store';
import { type BookState, diagnosticsOf, MANAGED_NAME, type RuleBook } from './rule-book.ts';
import type { SensorPort } from './sensor-port.ts';

/** Who may change rules: those who had to say who they are, everybody who is an administrator, or nobody. */
export type ChangePolicy = 'signedin' | 'anyone' | 'nobody';

export interface RuleChangesOptions {
  readonly book: RuleBook;
  readonly versions: RulesVersions;
  readonly sensor: SensorPort | undefined;
  readonly managedPath: string;
  readonly policy: ChangePolicy;
  readonly nowMs: () => number;
}

export interface ChangeRequest {
  readonly caller: Caller;
  readonly comment: string;
  /** Version that the change was made from; `undefined`: whatever there is. */
  readonly base?: number;
  /** Makes the new text of the old one; may throw an `ApiError`. */
  readonly edit: (text: string) => string;
  /** Throws an `ApiError` for what is wrong besides. */
  readonly accept?: (state: BookState) => void;
}

export interface SavedChange {
  readonly version: number;
  readonly isLive: boolean;
}

const MOST_TEXT = 1024 * 1024;

export class RuleChanges {
  readonly #options: RuleChangesOptions;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: RuleChangesOptions) {
    this.#options = options;
  }

  /** Why somebody may not change rules; `undefined`: they may. */
  refusalFor(caller: Caller): { readonly message: string; readonly hint: string } | undefined {
    const { policy } = this.#options;
    if (policy === 'nobody')
      return {
        message: 'rules are not changed from here',
        hint: '`ui.changerules` is `nobody`; the text can be put into a rules file',
      };
    if (policy === 'signedin' && caller.via === 'open')
      return {
        message: 'whoever changes rules has to sign in',
        hint: 'set `ui.users` or `ui.onetimelink`; or, where nobody else uses this machine, `ui.changerules` to `anyone`',
      };
    return caller.role === 'admin'
      ? undefined
      : { message: 'administrators change rules', hint: `you are signed in as ${caller.role}` };
  }

  /** Whether the sensor goes by what is on the disk; `undefined`: there is none. */
  get isInUse(): boolean | undefined {
    const { sensor, book } = this.#options;
    return sensor === undefined ? undefined : this.#isInUse(book.managedText());
  }

  /** Number of the version that is on the disk; 0: it was never changed from here. */
  async currentVersion(): Promise<number> {
    return this.#alone(() => this.#settle());
  }

  /** One after the other. Throws an `ApiError` when nothing was changed. */
  async change(request: ChangeRequest): Promise<SavedChange> {
    const refusal = this.refusalFor(request.caller);
    if (refusal !== undefined)
      throw new ApiError(403, 'rules-locked', refusal.message, { hint: refusal.hint });
    return this.#alone(() => this.#change(request));
  }

  async #change({ caller, comment, base, edit, accept }: ChangeRequest): Promise<SavedChange> {
    const { book, versions, managedPath, nowMs } = this.#options;
    const version = await this.#settle();
    if (base !== undefined && base !== version)
      throw new ApiError(
        409,
        'rules-changed',
        `the file was changed meanwhile: it is at version ${version}`,
        {
          hint: 'look at what has changed, and make your change again',
        },
      );
    const before = book.managedText();
    const text = edit(before);
    if (text.length > MOST_TEXT) throw new ApiError(422, 'rules-long', 'the file would be longer than 1 MiB');
    if (text === before) return { version, isLive: this.#isInUse(text) };
    const state = book.stateWith(MANAGED_NAME, text);
    this.#checkUsable(state);
    accept?.(state);
    await writeWhole(managedPath, text);
    if (!(await this.#give(text))) {
      await this.#putBack(before);
      throw new ApiError(
        422,
        'rules-refused',
        'the sensor refuses the rules, and goes on with the old ones',
        {
          hint: 'its log says why',
        },
      );
    }
    const { name: user } = caller;
    const number = await versions.add(MANAGED_NAME, { timeMs: nowMs(), user, comment, text });
    return { version: number, isLive: this.#isInUse(text) };
  }

  #checkUsable(state: BookState): void {
    if (state.setup.report.isUsable) return;
    const errors = diagnosticsOf(state).filter(({ severity }) => severity === 'error');
    throw new ApiError(422, 'bad-rules', errors[0]?.message ?? 'the rules cannot be used', {
      places: errors.slice(0, 100).map((error) => {
        const { file, line, column, message } = flatDiagnostic(error);
        const where = file === undefined || file === MANAGED_NAME ? message : `${file}: ${message}`;
        return {
          message: where,
          ...(line === undefined ? {} : { line }),
          ...(column === undefined ? {} : { column }),
        };
      }),
    });
  }

  /** Whether all is well with the sensor, if there is one. */
  async #give(text: string): Promise<boolean> {
    const { sensor } = this.#options;
    if (sensor === undefined) return true;
    await sensor.reload('rules were changed in the web interface');
    return this.#isInUse(text);
  }

  async #putBack(text: string): Promise<void> {
    const { managedPath, sensor } = this.#options;
    if (text === '') await unlink(managedPath);
    else await writeWhole(managedPath, text);
    await sensor?.reload('the change is taken back');
  }

  #isInUse(text: string): boolean {
    const { sensor, managedPath } = this.#options;
    const inUse = sensor?.ruleFiles().find(({ name }) => name === managedPath)?.text ?? '';
    return sensor !== undefined && inUse === text;
  }

  /** What somebody wrote into the file by hand is a version, too. */
  async #settle(): Promise<number> {
    const { book, versions, nowMs } = this.#options;
    const text = book.managedText();
    const latest = await versions.latest(MANAGED_NAME);
    if ((latest?.text ?? '') === text) return latest?.version ?? 0;
    return versions.add(MANAGED_NAME, { timeMs: nowMs(), user: '', comment: 'The file was changed.', text });
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.then(work, work);
    this.#last = next.catch(() => {});
    return next;
  }
}

async function writeWhole(path: string, text: string): Promise<void> {
  const temporary = `${path}.new`;
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}
