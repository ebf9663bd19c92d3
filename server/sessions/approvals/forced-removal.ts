/** `rm -f`, also after sudo; in the line of a nested shell it is found by its text. */
export function removesByForce(commands: readonly (readonly string[])[], script: string): boolean {
  return commands.some(isForcedRemoval) || /(?:^|[\s;&|(])rm\s+(?:-\w+\s+)*-\w*f/.test(script);
}

function isForcedRemoval(argv: readonly string[]): boolean {
  const words = argv[0] === 'sudo' ? argv.slice(1) : argv;
  const [program = '', ...args] = words;
  return /(?:^|\/)rm$/.test(program) && args.some((word) => /^-\w*f/.test(word) || word === '--force');
}
