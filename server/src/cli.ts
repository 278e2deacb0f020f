const USAGE = `parlance start   development: brings its own PostgreSQL, data in ./data
parlance serve   production: PostgreSQL and secrets from the environment`

/** Runs a command that is not a server. Gives back the exit code. */
export async function runCommand(command: string, _args: string[]): Promise<number> {
  if (command !== 'help') console.error(`There is no command ${command}.\n`)
  console.log(USAGE)
  return command === 'help' ? 0 : 2
}
