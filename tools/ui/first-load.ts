/** What a browser loads before it shows a page for the first time, in bytes as gzip packs them. */

export interface FirstLoad {
  /** Of the page's module, in `ui/src/pages`. */
  readonly page: string;
  readonly bytes: number;
}

/** Without the editor of rules, which is 150 kB for itself, and is loaded when somebody edits. */
export const MOST_BYTES = 150_000;
const EDITOR = /\/node_modules\/(?:@codemirror|@lezer|codemirror)\//;

/** A file of a build, as far as it is looked at. */
export interface BuiltChunk {
  readonly fileName: string;
  readonly isEntry: boolean;
  readonly isDynamicEntry: boolean;
  /** The module that it was made for. */
  readonly facadeModuleId: string | null;
  readonly moduleIds: readonly string[];
  /** Names of files that are loaded with it. */
  readonly imports: readonly string[];
  readonly viteMetadata?: { readonly importedCss: ReadonlySet<string> } | undefined;
}

/** One for each page, the largest first. `sizeOf`: of a file by its name. */
export function firstLoads(
  built: readonly BuiltChunk[],
  sizeOf: (fileName: string) => number,
): readonly FirstLoad[] {
  const chunks = new Map(built.map((chunk) => [chunk.fileName, chunk]));
  const entry = [...chunks.values()].find(({ isEntry }) => isEntry);
  if (entry === undefined) throw new Error('the build has no entry');
  return [...chunks.values()]
    .filter(
      ({ isDynamicEntry, facadeModuleId }) => isDynamicEntry && /\/src\/pages\//.test(facadeModuleId ?? ''),
    )
    .map((page) => {
      const needed = new Set<BuiltChunk>();
      collect(entry, chunks, needed);
      collect(page, chunks, needed);
      const files = [...needed]
        .filter(({ moduleIds }) => !moduleIds.some((id) => EDITOR.test(id)))
        .flatMap(({ fileName, viteMetadata }) => [fileName, ...(viteMetadata?.importedCss ?? [])]);
      return {
        page: (page.facadeModuleId ?? '').replace(/^.*\/src\/pages\//, ''),
        bytes: [...new Set(files)].reduce((sum, file) => sum + sizeOf(file), sizeOf('index.html')),
      };
    })
    .sort((a, b) => b.bytes - a.bytes);
}

function collect(chunk: BuiltChunk, chunks: ReadonlyMap<string, BuiltChunk>, into: Set<BuiltChunk>): void {
  if (into.has(chunk)) return;
  into.add(chunk);
  for (const name of chunk.imports) {
    const imported = chunks.get(name);
    if (imported !== undefined) collect(imported, chunks, into);
  }
}
