import type { Catalogue } from '@honoscope/core'

/** Adds `process_*`, with the names that Prometheus' own clients use. */
export function registerProcess(catalogue: Catalogue, host: NodeJS.Process): void {
  const prefix = 'process_'
  const counter = (name: string, help: string, read: (usage: NodeJS.CpuUsage) => number): void => {
    // The runtime counts in microseconds.
    catalogue.counter({ name, prefix, help, collect: (self) => self.set(read(host.cpuUsage()) / 1e6) })
  }
  counter('cpu_user_seconds_total', 'CPU time in user mode, in seconds.', ({ user }) => user)
  counter('cpu_system_seconds_total', 'CPU time in the kernel, in seconds.', ({ system }) => system)
  counter('cpu_seconds_total', 'CPU time, user and kernel, in seconds.', ({ user, system }) => user + system)
  catalogue.gauge({
    name: 'resident_memory_bytes',
    prefix,
    help: 'Bytes of memory that the process holds (RSS).',
    collect: (self) => self.set(host.memoryUsage().rss),
  })
  catalogue
    .gauge({ name: 'start_time_seconds', prefix, help: 'When the process started, in seconds since the epoch.' })
    .set(Math.round(Date.now() - host.uptime() * 1000) / 1000)
  registerFileDescriptors(catalogue, prefix, host)
}

/** Linux only: elsewhere there is no `/proc`. */
function registerFileDescriptors(catalogue: Catalogue, prefix: string, host: NodeJS.Process): void {
  const fs = host.getBuiltinModule?.('node:fs')
  if (!fs?.existsSync('/proc/self/fd')) return
  catalogue.gauge({
    name: 'open_fds',
    prefix,
    help: 'Open file descriptors.',
    // Reading the folder takes one itself.
    collect: async (self) => self.set((await fs.promises.readdir('/proc/self/fd')).length - 1),
  })
  const limit = /^Max open files +(\d+)/m.exec(fs.readFileSync('/proc/self/limits', 'utf8'))?.[1]
  if (limit === undefined) return
  catalogue.gauge({ name: 'max_fds', prefix, help: 'Most file descriptors that may be open.' }).set(Number(limit))
}
