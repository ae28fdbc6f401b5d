/** Keys of the program around detection: logs, web server, metrics, plugins. */

import { choice, flag, integer, list, optional, schema, text, tree } from '@peregrine/base';

const levels = [
  'emergency',
  'alert',
  'critical',
  'error',
  'warning',
  'notice',
  'info',
  'debug',
  'trace',
] as const;
const counters = (doc: string, isOn = true) => flag({ default: isOn, doc });

export const serviceKeys = {
  log_stderr: flag({ default: true, doc: 'Write the log to standard error.' }),
  log_syslog: flag({ default: true, doc: 'Write the log to the log daemon.' }),
  log_level: choice(levels, { default: 'info', doc: 'Less urgent messages are left out.' }),
  libs_logger: schema({
    enabled: flag({ default: true, doc: 'Accepted for compatibility: there is one log.' }),
    severity: choice([...levels, 'fatal'], { default: 'info', doc: 'Accepted for compatibility.' }),
  }),
  webserver: schema({
    enabled: flag({ default: false, doc: 'Serve health and versions over HTTP.' }),
    threadiness: integer({ default: 0, min: 0, doc: 'Accepted for compatibility.' }),
    listen_port: integer({ default: 8765, min: 1, max: 65_535, doc: 'Port to listen on.' }),
    listen_address: text({
      default: '127.0.0.1',
      doc: 'IP address to listen on: this machine only, unless set.',
    }),
    k8s_healthz_endpoint: text({ default: '/healthz', doc: 'Path that answers when all is well.' }),
    prometheus_metrics_enabled: flag({
      default: false,
      doc: 'Serve metrics at `/metrics`, too, if `metrics.enabled` is set.',
    }),
    ssl_enabled: flag({ default: false, doc: 'Speak HTTPS.' }),
    ssl_certificate: text({ default: '/etc/falco/falco.pem', doc: 'File with certificate and key.' }),
  }),
  metrics: schema({
    enabled: flag({ default: false, doc: 'Make metrics from time to time.' }),
    interval: text({ default: '5s', doc: 'Time between two of them, with its unit.', example: '1h' }),
    output_rule: flag({ default: false, doc: 'Give them out as an internal alert.' }),
    output_file: text({ default: '', doc: 'File to append them to.' }),
    rules_counters: counters('Count alerts by rule.'),
    resource_utilization: counters('Measure processor and memory use.'),
    state_counters: counters('Count what the tables hold.'),
    kernel_event_counters: counters('Count kernel events and losses.'),
    kernel_event_counters_per_cpu: counters('Count them for each CPU.', false),
    libbpf_stats: counters('Measure the kernel programs.'),
    plugins_metrics: counters('Count containers.'),
    kernel_iter_event_counters: counters('Count events of kernel iterators.'),
    jemalloc_stats: counters('Accepted for compatibility.', false),
    convert_memory_to_mb: flag({ default: true, doc: 'Memory in megabytes.' }),
    include_empty_values: flag({ default: false, doc: 'Keep metrics that are zero or empty.' }),
  }),
  load_plugins: optional(list(text({ doc: 'Name of a plugin.' }), { doc: 'Plugins to load; absent, all.' })),
  plugins: list(
    schema({
      name: text({ doc: 'Name of the plugin.' }),
      library_path: text({
        default: '',
        doc: 'Path of its module (JavaScript or TypeScript); nothing is loaded for plugins that come along.',
      }),
      init_config: tree({ doc: 'What it is started with.', type: 'text or map' }),
      open_params: text({ default: '', doc: 'What its source is opened with.' }),
    }),
    { default: [], doc: 'Plugins that are known.' },
  ),
  enabled_sources: list(text({ doc: 'Name of a source.' }), {
    default: [],
    doc: 'Only these sources of events are read; all that are set up, unless there are any. Not in the reference, which has an option of the command line for it.',
  }),
  disabled_sources: list(text({ doc: 'Name of a source.' }), {
    default: [],
    doc: 'These sources of events are not read: `syscall` for the kernel, or what a plugin gives. Not in the reference.',
  }),
  plugins_hostinfo: flag({ default: true, doc: 'Let plugins see facts of the host.' }),
};
