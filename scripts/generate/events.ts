import { readFile } from 'node:fs/promises'
import { EVENTS, type EventType } from '../../server/src/core/log/events.ts'
import { markdownTable } from './markdown-table.ts'
import { findImports, findType } from './type-source.ts'

const SOURCE = new URL('../../server/src/core/log/events.ts', import.meta.url)

const INTRODUCTION = `# Events

What the log tells of each change, and what rt.v1 carries (docs/api/realtime.md): its \`t\` is the type, its \`d\` the data.
Each event stands in one stream: a conversation's, a workspace's or a person's own. The types are those of the source.
`

export async function generateEvents(): Promise<string> {
  const source = await readFile(SOURCE, 'utf8')
  const data = findEventData(source)
  const types = Object.keys(EVENTS) as EventType[]
  const rows = types.map((type) => {
    const { streams, doc } = EVENTS[type]
    return [`\`${type}\``, streams.join(', '), `\`${data.get(type)?.replaceAll(/\s+/g, ' ')}\``, doc]
  })
  const table = markdownTable(['Type', 'Stream', 'Data', 'What happened'], rows)
  const objects = await findObjects(source, [...data.values()].join('\n'))
  return `${INTRODUCTION}\n${table}\n## Objects\n\n\`\`\`ts\n${objects.join('\n\n')}\n\`\`\`\n`
}

/** The text of each member of \`EventData\`, for example \`{ message: Message }\`. */
function findEventData(source: string): Map<string, string> {
  const text = findType(source, 'EventData') ?? ''
  const members = text.matchAll(/^ {2}'([\w.]+)': (.+?)(?=\n {2}'|\n\})/gms)
  return new Map([...members].map(([, type, data]) => [type!, data!.replaceAll(/^ {2}/gm, '')]))
}

/** The types that the events' data are made of, each with those that it is made of in turn. */
async function findObjects(source: string, text: string): Promise<string[]> {
  const found = new Map<string, string>()
  const visit = async (moduleUrl: URL, moduleSource: string, usedIn: string) => {
    const imports = findImports(moduleSource)
    for (const [name] of usedIn.matchAll(/\b[A-Z]\w+\b/g)) {
      if (found.has(name)) continue
      const path = imports.get(name)
      const url = path === undefined ? moduleUrl : new URL(path, moduleUrl)
      const definedIn = path === undefined ? moduleSource : await readFile(url, 'utf8')
      const definition = findType(definedIn, name)
      if (definition === undefined) continue
      found.set(name, definition)
      await visit(url, definedIn, withoutComments(definition))
    }
  }
  await visit(SOURCE, source, text)
  return [...found.values()]
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*\*.*?\*\//gs, '')
}
