// What is written into deploy/ from the code, as command lines of `honoscope`; for `npm run generate`, and for the test
// that what is committed is what it makes.

/** Where the runbook will be for those who take deploy/ as it is: put your own address here, and generate. */
const runbook = ['--runbook-url', 'https://example.com/honoscope/docs/runbook.md']

/** Folder, pattern of the files in it that are generated, and the command that writes them. */
export const generated = [
  {
    folder: 'deploy/prometheus/rules',
    files: /\.yaml$/,
    args: ['rules', '--format', 'prometheus', ...runbook],
  },
  {
    folder: 'deploy/kubernetes/base',
    files: /^prometheus-rule-.*\.yaml$/,
    args: ['rules', '--format', 'operator', ...runbook],
  },
  {
    folder: 'deploy/grafana/dashboards',
    files: /\.json$/,
    args: ['dashboards', ...runbook],
  },
]
