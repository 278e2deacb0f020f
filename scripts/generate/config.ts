import { CONFIG } from '../../server/src/config.ts'
import type { Setting } from '../../server/src/platform/settings.ts'
import { markdownTable } from './markdown-table.ts'

const INTRODUCTION = `# Configuration

Parlance is configured by environment variables. A value that is not valid is refused at the start, with the variable's
name. \`parlance config\` prints this table with the values in effect.
`

export async function generateConfig(): Promise<string> {
  const settings: Setting<unknown>[] = Object.values(CONFIG)
  const rows = settings.map((setting) => [
    `\`${setting.variable}\``,
    setting.unit ? `${setting.type}, ${setting.unit}` : setting.type,
    presentDefault(setting.default),
    setting.isSecret ? `${setting.doc} Secret: never printed.` : setting.doc,
  ])
  return `${INTRODUCTION}\n${markdownTable(['Variable', 'Type', 'Default', 'What it sets'], rows)}`
}

function presentDefault(value: unknown): string {
  if (value === null || (Array.isArray(value) && value.length === 0)) return '(none)'
  return `\`${Array.isArray(value) ? value.join(',') : String(value)}\``
}
