/** Versions that this program shows, and those it claims towards rules, captures and tools. */

export const versions = Object.freeze({
  version: '0.1.0',
  /** What `required_engine_version` is held against. */
  engineVersion: '0.63.0',
  /** Versions of the reference's parts, for tools that read them. */
  driverApi: '10.1.0',
  driverSchema: '4.5.1',
  pluginApi: '3.12.0',
  captureFormat: '1.2',
});

/** COMPAT: the same under the names that tools of the reference's users read. */
export function referenceVersions(): Readonly<Record<string, unknown>> {
  return {
    default_driver_version: versions.driverApi,
    driver_api_version: versions.driverApi,
    driver_schema_version: versions.driverSchema,
    engine_version: versions.engineVersion.split('.')[1] ?? '',
    engine_version_semver: versions.engineVersion,
    falco_version: versions.version,
    libs_version: versions.version,
    plugin_api_version: versions.pluginApi,
  };
}
