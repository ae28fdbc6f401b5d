/**
 * The files of the web interface. All of them are read at the start, so that a request can only name what is there: no path
 * leads anywhere else.
 */

import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join, relative, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ApiError } from './handlers.ts';

export interface StaticFile {
  readonly contentType: string;
  readonly bytes: Buffer;
  /** The same, packed. */
  readonly brotli: Buffer | undefined;
  readonly gzip: Buffer | undefined;
  /** Its name changes with what is in it. */
  readonly isImmutable: boolean;
}

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  json: 'application/json',
  txt: 'text/plain; charset=utf-8',
  webmanifest: 'application/manifest+json',
  woff2: 'font/woff2',
};

/** By path, without the slash in front. Throws when the folder cannot be read. */
export function loadStaticFiles(folder: string): ReadonlyMap<string, StaticFile> {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'));
  const isThere = new Set(paths);
  const read = (path: string): Buffer => readFileSync(join(folder, path));
  return new Map(
    paths.flatMap((path): [string, StaticFile][] => {
      const contentType = types[path.split('.').at(-1) ?? ''];
      if (contentType === undefined) return [];
      return [
        [
          path,
          {
            contentType,
            bytes: read(path),
            brotli: isThere.has(`${path}.br`) ? read(`${path}.br`) : undefined,
            gzip: isThere.has(`${path}.gz`) ? read(`${path}.gz`) : undefined,
            isImmutable: /-[\w-]{8,}\.\w+$/.test(path),
          },
        ],
      ];
    }),
  );
}

/** A file that is made instead of read. */
export function staticFile(contentType: string, text: string): StaticFile {
  return {
    contentType,
    bytes: Buffer.from(text),
    ...{ brotli: undefined, gzip: gzipSync(text), isImmutable: false },
  };
}

/** `path`: decoded, without the slash in front. Throws an `ApiError` for what is not there. */
export function sendStaticFile(
  request: IncomingMessage,
  response: ServerResponse,
  files: ReadonlyMap<string, StaticFile>,
  path: string,
): void {
  const file = files.get(path) ?? (isFilePath(path) ? undefined : files.get('index.html'));
  if (file === undefined) throw new ApiError(404, 'not-found', 'there is nothing here');
  response.setHeader('content-type', file.contentType);
  response.setHeader('cache-control', file.isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache');
  response.setHeader('vary', 'accept-encoding');
  const accepted = String(request.headers['accept-encoding'] ?? '');
  const [encoding, bytes] =
    file.brotli !== undefined && /\bbr\b/.test(accepted)
      ? ['br', file.brotli]
      : file.gzip !== undefined && /\bgzip\b/.test(accepted)
        ? ['gzip', file.gzip]
        : [undefined, file.bytes];
  if (encoding !== undefined) response.setHeader('content-encoding', encoding);
  response.setHeader('content-length', bytes.length);
  response.end(request.method === 'HEAD' ? undefined : bytes);
}

/** Otherwise it is the address of a page, which the page itself sees to; names of rules and of their files may have dots. */
function isFilePath(path: string): boolean {
  return path.includes('.') && !/^(?:rules|rules-files)\//.test(path);
}
