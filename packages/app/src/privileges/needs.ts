/** What a configuration makes necessary on this machine. */

import { existsSync } from 'node:fs';
import { release } from 'node:os';
import { dirname } from 'node:path';
import { findSockets } from '@peregrine/sources/container-sockets';
import type { Config } from '../config/config.ts';
import { runtimeSettings } from '../containers/container-settings.ts';
import { wantedFeeds } from '../plugins/loaded-plugins.ts';
import type { Needs } from './capabilities.ts';

export interface NeedsOptions {
  readonly config: Config;
  readonly watchesKernel: boolean;
  /** Where the host's files are seen; `''` for where they are. */
  readonly hostRoot: string;
  /** Files that are written besides those that the configuration names. */
  readonly writes: readonly string[];
  /** Whether it may write there without the right to write everywhere. */
  readonly canWrite: (path: string, isFolder: boolean) => boolean;
}

export function needsOf({ config, watchesKernel, hostRoot, writes, canWrite }: NeedsOptions): Needs {
  const places = [...writtenFiles(config), ...socketPaths(config), ...writes].flatMap((path) => [
    { path: dirname(path), isFolder: true },
    { path, isFolder: false },
  ]);
  const sockets = findSockets(Object.values(runtimeSettings(config, hostRoot).sockets).flat(), hostRoot);
  return {
    watchesKernel,
    ports: listenedPorts(config),
    foreignFiles: [
      ...places
        .filter(({ path, isFolder }) => existsSync(path) && !canWrite(path, isFolder))
        .map(({ path }) => path),
      // Asking a runtime takes the right to write to its socket.
      ...sockets.filter((path) => !canWrite(path, false)),
    ],
    kernelVersion: parseKernelVersion(release()),
  };
}

/** Sockets that sources make. */
function socketPaths(config: Config): readonly string[] {
  return wantedFeeds(config).flatMap(({ openParams }) => /^unix:\/\/(\/.*)$/.exec(openParams)?.[1] ?? []);
}

function listenedPorts(config: Config): readonly number[] {
  const { webserver } = config;
  const ofSources = wantedFeeds(config).map(
    ({ openParams }) => /^https?:\/\/[^/]*:(\d+)/.exec(openParams)?.[1],
  );
  return [
    ...(webserver.enabled ? [webserver.listen_port] : []),
    ...ofSources.filter((port) => port !== undefined).map(Number),
  ];
}

function writtenFiles({ file_output, metrics, capture }: Config): readonly string[] {
  return [
    ...(file_output.enabled && file_output.filename !== '' ? [file_output.filename] : []),
    ...(metrics.enabled && metrics.output_file !== '' ? [metrics.output_file] : []),
    ...(capture.enabled ? [capture.path_prefix] : []),
  ];
}

/** `6.1.0-18-amd64`: 6 and 1. What is no version is taken as the newest. */
export function parseKernelVersion(text: string): readonly [number, number] {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(text) ?? [];
  const newest = Number.MAX_SAFE_INTEGER;
  return major === undefined || minor === undefined ? [newest, newest] : [Number(major), Number(minor)];
}
