/** The first three descriptors of a process: nothing, a pipe to the daemon, or a descriptor of the daemon. */
type StdioEntry = 'ignore' | 'pipe' | number;

export type Stdio = readonly [stdin: StdioEntry, stdout: StdioEntry, stderr: StdioEntry, more?: 'pipe'];
