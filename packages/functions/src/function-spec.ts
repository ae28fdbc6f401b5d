/** A function as a manifest or a plain file describes it: everything checked, nothing started. */

export const languages = ['python', 'javascript', 'typescript'] as const;
export type Language = (typeof languages)[number];

export interface FunctionSpec {
  readonly name: string;
  readonly namespace: string;
  readonly language: Language;
  /** As written: `python3.7`. */
  readonly runtime: string;
  /** As written: `delete-pod.delete_pod`. */
  readonly handler: string;
  /** Name of the module's file, without its ending. */
  readonly moduleName: string;
  /** What of the module is called. */
  readonly exportName: string;
  /** The text of the module, or the file that holds it and stays where it is. */
  readonly code:
    | { readonly kind: 'text'; readonly text: string }
    | { readonly kind: 'file'; readonly path: string };
  /** A requirements file for Python, a package.json for the others; `''`: none. */
  readonly dependencies: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** What one call may take beyond what the loaded function holds. */
  readonly memoryBytes: number;
  readonly serviceAccount: string | undefined;
  /** User id to run as, where that can be chosen. */
  readonly runAsUser: number | undefined;
  /** The file that it comes from. */
  readonly file: string;
}

/** What a function is called where names of several namespaces meet: `kubeless/delete-pod`. */
export function fullNameOf({ name, namespace }: Pick<FunctionSpec, 'name' | 'namespace'>): string {
  return `${namespace}/${name}`;
}

export const defaultLimits = {
  /** COMPAT: Kubeless gives 180 s. */
  timeoutMs: 180_000,
  memoryBytes: 512 * 1024 * 1024,
} as const;

export const languageEndings: Readonly<Record<Language, readonly string[]>> = {
  python: ['.py'],
  javascript: ['.js', '.mjs', '.cjs'],
  typescript: ['.ts', '.mts', '.cts'],
};
