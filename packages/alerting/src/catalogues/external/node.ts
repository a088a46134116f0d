/** What node_exporter (1.9) tells of a machine, as far as rules and dashboards name it. */
export const nodeCatalogue = {
  node_filesystem_avail_bytes: {
    type: 'gauge',
    help: 'Filesystem space available to non-root users in bytes.',
    labels: { device: 'open', fstype: 'open', mountpoint: 'open', device_error: 'open' },
  },
  node_filesystem_size_bytes: {
    type: 'gauge',
    help: 'Filesystem size in bytes.',
    labels: { device: 'open', fstype: 'open', mountpoint: 'open', device_error: 'open' },
  },
  node_cpu_seconds_total: {
    type: 'counter',
    help: 'Seconds the CPUs spent in each mode.',
    labels: { cpu: 'open', mode: ['idle', 'iowait', 'irq', 'nice', 'softirq', 'steal', 'system', 'user'] },
  },
  node_memory_MemAvailable_bytes: { type: 'gauge', help: 'Memory information field MemAvailable_bytes.', labels: {} },
  node_memory_MemTotal_bytes: { type: 'gauge', help: 'Memory information field MemTotal_bytes.', labels: {} },
} as const
