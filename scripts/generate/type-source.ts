// Reads type declarations out of our own sources as text. Their layout is the formatter's, so a line that begins
// at the margin ends what stands before it.

/** A declared type with its doc comment, without `export`; undefined where the module does not declare it. */
export function findType(source: string, name: string): string | undefined {
  const lines = source.split('\n')
  const start = lines.findIndex((line) => new RegExp(`^export type ${name}\\b`).test(line))
  if (start === -1) return undefined
  const isPart = (line: string) => /^( |\}|\)|\||&)/.test(line)
  let end = start + 1
  while (end < lines.length && isPart(lines[end]!)) end++
  let first = start
  if (lines[first - 1]?.endsWith('*/')) {
    first--
    while (!lines[first]!.startsWith('/**')) first--
  }
  return lines
    .slice(first, end)
    .join('\n')
    .replace(/^export /m, '')
}

/** Which names a module imports from which of our modules. */
export function findImports(source: string): Map<string, string> {
  const imports = source.matchAll(/^import (?:type )?\{([^}]*)\} from '(\.[^']+)'/gm)
  return new Map(
    [...imports].flatMap(([, names, path]) =>
      names!.split(',').map((name): [string, string] => [name.replace(/^\s*(type )?/, '').trim(), path!]),
    ),
  )
}
