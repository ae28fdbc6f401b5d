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
