/**
 * What kube-state-metrics (2.17) tells of pods and cAdvisor, as the kubelet of Kubernetes 1.34 has it, of containers; as
 * far as rules and dashboards name it. Labels by their own documentation and sources.
 *
 * `namespace`, `pod` and `container` are those of the pod that is told of. With kube-state-metrics that takes
 * `honor_labels: true` at the scrape, or they are its own.
 */
export const kubernetesCatalogue = {
  kube_pod_container_status_restarts_total: {
    type: 'counter',
    help: 'The number of container restarts per container.',
    labels: { namespace: 'open', pod: 'open', container: 'open', uid: 'open' },
  },
  kube_pod_container_status_waiting_reason: {
    type: 'gauge',
    help: 'Describes the reason the container is currently in waiting state.',
    labels: { namespace: 'open', pod: 'open', container: 'open', uid: 'open', reason: 'open' },
  },
  kube_pod_container_status_last_terminated_reason: {
    type: 'gauge',
    help: 'Describes the last reason the container was in terminated state.',
    labels: { namespace: 'open', pod: 'open', container: 'open', uid: 'open', reason: 'open' },
  },
  kube_pod_container_resource_limits: {
    type: 'gauge',
    help: 'The number of requested limit resource by a container.',
    labels: {
      namespace: 'open',
      pod: 'open',
      container: 'open',
      uid: 'open',
      node: 'open',
      resource: 'open',
      unit: ['core', 'byte', 'integer'],
    },
  },
  kube_pod_container_resource_requests: {
    type: 'gauge',
    help: 'The number of requested request resource by a container.',
    labels: {
      namespace: 'open',
      pod: 'open',
      container: 'open',
      uid: 'open',
      node: 'open',
      resource: 'open',
      unit: ['core', 'byte', 'integer'],
    },
  },
  container_cpu_usage_seconds_total: {
    type: 'counter',
    help: 'Cumulative cpu time consumed in seconds.',
    labels: { namespace: 'open', pod: 'open', container: 'open', id: 'open', image: 'open', name: 'open', cpu: 'open' },
  },
  container_cpu_cfs_periods_total: {
    type: 'counter',
    help: 'Number of elapsed enforcement period intervals.',
    labels: { namespace: 'open', pod: 'open', container: 'open', id: 'open', image: 'open', name: 'open' },
  },
  container_cpu_cfs_throttled_periods_total: {
    type: 'counter',
    help: 'Number of throttled period intervals.',
    labels: { namespace: 'open', pod: 'open', container: 'open', id: 'open', image: 'open', name: 'open' },
  },
  container_memory_working_set_bytes: {
    type: 'gauge',
    help: 'Current working set in bytes.',
    labels: { namespace: 'open', pod: 'open', container: 'open', id: 'open', image: 'open', name: 'open' },
  },
  container_spec_cpu_period: {
    type: 'gauge',
    help: 'CPU period of the container.',
    labels: { namespace: 'open', pod: 'open', container: 'open', id: 'open', image: 'open', name: 'open' },
  },
  container_spec_cpu_quota: {
    type: 'gauge',
    help: 'CPU quota of the container.',
    labels: { namespace: 'open', pod: 'open', container: 'open', id: 'open', image: 'open', name: 'open' },
  },
  container_spec_memory_limit_bytes: {
    type: 'gauge',
    help: 'Memory limit for the container; 0 where there is none.',
    labels: { namespace: 'open', pod: 'open', container: 'open', id: 'open', image: 'open', name: 'open' },
  },
} as const
