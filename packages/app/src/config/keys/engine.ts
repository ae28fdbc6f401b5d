/** Keys that say where events come from, and how much is kept of them. */

import { choice, decimal, flag, integer, list, schema, text } from '@peregrine/base';
import type { AskedHookMode, KillMode } from '@peregrine/sources';

const bufferPreset = integer({
  default: 4,
  min: 1,
  max: 10,
  doc: 'Size of each buffer: 1, 2, 4 ... 512 MB.',
});
const dropsFailed = flag({ default: false, doc: 'Leave out system calls that failed.' });

const dropAction = choice(['ignore', 'log', 'alert', 'exit'], { doc: 'What is done.' });

export const engineKeys = {
  engine: schema(
    {
      kind: choice(['kmod', 'modern_ebpf', 'replay', 'nodriver'], {
        default: 'modern_ebpf',
        doc: 'Where events come from. `kmod` is taken as `modern_ebpf`; `replay` reads a capture file; `nodriver` has no kernel events.',
      }),
      kmod: schema({ buf_size_preset: bufferPreset, drop_failed_exit: dropsFailed }),
      modern_ebpf: schema({
        cpus_for_each_buffer: integer({
          default: 2,
          min: 0,
          doc: 'CPUs that share a buffer; 0 is all of them.',
        }),
        buf_size_preset: bufferPreset,
        buf_size_bytes: integer({
          default: 0,
          min: 0,
          max: 512 * 1024 * 1024,
          doc: 'Size of each buffer in bytes instead: a power of two from 4096 on; 0 goes by the preset. Not in the reference.',
        }),
        drop_failed_exit: dropsFailed,
        hook_mode: choice<AskedHookMode>(['auto', 'fexit', 'tracepoint'], {
          default: 'auto',
          doc: 'How the probe gets into the kernel. `fexit`: calls that nobody asks for cost nothing, but not every kernel takes it; `tracepoint`: every call passes by the probe; `auto`: the first that works. Not in the reference.',
        }),
        kernel_response: choice<KillMode>(['on', 'dry-run', 'off'], {
          default: 'on',
          doc: 'What becomes of rules with `kernel_response: kill`: the kernel ends the process, or only says that it would have, or does not look. Not in the reference.',
        }),
        kernel_filters: flag({
          default: true,
          doc: 'Have the kernel leave out events that no rule in use can need; `peregrine rules filters` shows which pass. Not in the reference.',
        }),
        disable_iterators: flag({ default: false, doc: 'Read processes from /proc only.' }),
      }),
      replay: schema({
        capture_file: text({
          default: '',
          doc: 'Capture to read when the kind is `replay`.',
          example: 'trace.scap',
        }),
      }),
    },
    { doc: 'Source of events.' },
  ),
  syscall_event_timeouts: schema({
    max_consecutives: integer({
      default: 1000,
      min: 1,
      doc: 'Reads without an event before an internal alert is made.',
    }),
  }),
  syscall_event_drops: schema({
    threshold: decimal({
      default: 0.1,
      min: 0,
      max: 1,
      doc: 'Share of lost events from which something is done.',
    }),
    actions: list(dropAction, {
      default: ['ignore'],
      doc: 'What is done about lost events. `ignore` stands alone.',
    }),
    rate: decimal({ default: 0.03333, min: 0, doc: 'Actions for each second.' }),
    max_burst: decimal({ default: 1, min: 0, doc: 'Actions that may come at once.' }),
    simulate_drops: flag({ default: false, doc: 'Act as if events were lost, to try the actions.' }),
  }),
  coverage_ledger: schema(
    {
      enabled: flag({ default: true, doc: 'Keep track of who was not seen, and when.' }),
      alert: flag({ default: true, doc: 'Tell of it in an alert, `Peregrine internal: coverage gap`.' }),
      log: flag({ default: true, doc: 'Tell of it in the log.' }),
      quiet_s: integer({
        default: 5,
        min: 1,
        max: 3_600,
        doc: 'Seconds without a lost event after which a gap is over.',
      }),
      longest_s: integer({
        default: 60,
        min: 1,
        max: 86_400,
        doc: 'Seconds after which a gap is told of although it goes on.',
      }),
    },
    {
      doc: 'Which cgroup lost events of which system calls, and which rules missed them. Not in the reference.',
    },
  ),
  base_syscalls: schema({
    custom_set: list(text({ doc: 'Name of a system call; `!` before it leaves it out.' }), {
      default: [],
      doc: 'System calls to watch besides those of the rules.',
    }),
    repair: flag({
      default: false,
      doc: 'Add the system calls that the rules need to see processes rightly.',
    }),
    all: flag({ default: false, doc: 'Let rules use the frequent input and output calls, too.' }),
  }),
  falco_libs: schema({
    thread_table_size: integer({ default: 262_144, min: 1, doc: 'Threads that are kept.' }),
    thread_table_auto_purging_interval_s: integer({
      default: 300,
      min: 1,
      doc: 'Seconds between clean-ups.',
    }),
    thread_table_auto_purging_thread_timeout_s: integer({
      default: 300,
      min: 1,
      doc: 'Seconds without an event after which a thread is looked at.',
    }),
    snaplen: integer({
      default: 0,
      min: 0,
      max: 65_535,
      doc: 'Bytes of input and output that are kept; 0 is 80.',
    }),
  }),
  capture: schema({
    enabled: flag({ default: false, doc: 'Record events around alerts.' }),
    path_prefix: text({
      default: '/tmp/falco',
      doc: 'Start of the recording files’ path; time and event number follow.',
    }),
    mode: choice(['rules', 'all_rules'], { default: 'rules', doc: 'Which rules start a recording.' }),
    default_duration: integer({ default: 5000, min: 0, doc: 'Length of a recording, milliseconds.' }),
    max_file_size_mb: integer({ default: 0, min: 0, max: 1_048_576, doc: 'Largest recording; 0 is any.' }),
    before_ms: integer({
      default: 2_000,
      min: 0,
      max: 600_000,
      doc: 'What happened so long before the alert is recorded as well; 0 for nothing. Not in the reference.',
    }),
    before_max_mb: integer({
      default: 32,
      min: 1,
      max: 1_024,
      doc: 'Memory for what happened before; a busier machine has less time in it. Not in the reference.',
    }),
    max_duration_ms: integer({
      default: 600_000,
      min: 0,
      doc: 'Longest recording, however many alerts prolong it; 0 is any. Not in the reference.',
    }),
    max_total_mb: integer({
      default: 4_096,
      min: 0,
      doc: 'Size of all recordings since the start, from which no more are made; 0 is any. Not in the reference.',
    }),
  }),
};
