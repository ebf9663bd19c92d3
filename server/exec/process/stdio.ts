/** What a process gets as its first three descriptors: nothing, a pipe to the daemon, or a descriptor of ours. */
type StdioEntry = 'ignore' | 'pipe' | number;

export type Stdio = readonly [stdin: StdioEntry, stdout: StdioEntry, stderr: StdioEntry];
