/** Texts in which `${NAME}` stands for a variable of the hub's environment, and never for anything that an alert says. */

const VARIABLE = /(\$?)\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

export interface FilledText {
  readonly text: string;
  /** Values that were put in. */
  readonly secrets: readonly string[];
  /** Names of variables that are not set. */
  readonly missing: readonly string[];
}

/** What is put in is not looked at again. `$${NAME}` is `${NAME}` as text. */
export function fillText(
  written: string,
  environment: Readonly<Record<string, string | undefined>>,
): FilledText {
  const secrets: string[] = [];
  const missing: string[] = [];
  const text = written.replace(VARIABLE, (whole, dollar: string, name: string) => {
    if (dollar !== '') return whole.slice(1);
    const value = environment[name];
    if (value === undefined || value === '') missing.push(name);
    else secrets.push(value);
    return value ?? '';
  });
  return { text, secrets, missing };
}
