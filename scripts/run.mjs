// Makes the checkout ready, then runs a TypeScript entry with the repository's own Node:
//   node scripts/run.mjs <entry> [arguments]
// Plain JavaScript, because it also runs on the machine's Node, which may be as old as 18.

import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const modules = join(root, 'node_modules')
const stampFile = join(modules, '.parlance-ready.json')
const lockFile = join(root, '.tmp', 'install.lock')
const nodeProgram = join(modules, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')

// The installing process touches its lock this often; one that was killed leaves a lock that grows old.
const LOCK_TOUCH_MS = 2_000
const LOCK_STALE_MS = 15_000
const LOCK_POLL_MS = 200
const PARENT_CHECK_MS = 500

await main(process.argv.slice(2))

async function main([entry, ...args]) {
  if (!entry) fail('Say what to run: node scripts/run.mjs <entry> [arguments]')
  if (!isReady()) await installOnce()
  run([join(root, entry), ...args])
}

/** Whether what is installed is what the lockfile says. Reads one small file when nothing has changed. */
function isReady() {
  const lockText = readFileSync(join(root, 'package-lock.json'), 'utf8')
  const stamp = JSON.stringify({
    lock: hash(lockText),
    machine: `${process.platform}-${process.arch}`,
    node: fingerprint(),
  })
  if (readIfThere(stampFile) === stamp) return true
  if (!hasLocked(JSON.parse(lockText))) return false
  try {
    writeFileSync(stampFile, stamp)
  } catch {
    // Somebody else's checkout: the long look is taken each time.
  }
  return true
}

// npm keeps a list of what it has put into node_modules, and writes it last.
function hasLocked(lock) {
  const installedText = readIfThere(join(modules, '.package-lock.json'))
  if (!installedText) return false
  const installed = JSON.parse(installedText).packages
  const isSame = Object.entries(lock.packages).every(([path, wanted]) => {
    if (!path.includes('node_modules/')) return true
    const found = installed[path]
    return found ? found.version === wanted.version && found.integrity === wanted.integrity : wanted.optional
  })
  return isSame && nodeVersion() === `v${lock.packages['node_modules/node'].version}`
}

function nodeVersion() {
  return existsSync(nodeProgram)
    ? spawnSync(nodeProgram, ['--version'], { encoding: 'utf8' }).stdout?.trim()
    : undefined
}

async function installOnce() {
  await takeLock()
  const releaseLock = () => rmSync(lockFile, { force: true })
  process.once('exit', releaseLock)
  const touch = setInterval(() => utimesSync(lockFile, new Date(), new Date()), LOCK_TOUCH_MS)
  // Another start may have installed while this one waited for the lock.
  if (!isReady()) await install()
  clearInterval(touch)
  process.removeListener('exit', releaseLock)
  releaseLock()
  if (isReady()) return
  if (nodeVersion() === undefined) {
    fail(
      `npm did not run the install script that unpacks Node: run "npm rebuild node --ignore-scripts=false" in ${root}, then start again.`,
    )
  }
  fail(
    `node_modules is not what package-lock.json says, although npm reported no error: delete ${modules}, then start again.`,
  )
}

async function takeLock() {
  mkdirSync(join(root, '.tmp'), { recursive: true })
  let isAnnounced = false
  for (;;) {
    try {
      writeFileSync(lockFile, String(process.pid), { flag: 'wx' })
      return
    } catch (error) {
      if (error.code !== 'EEXIST') fail(`Parlance cannot install itself in ${root}: ${error.message}`)
    }
    if (lockAgeMs() > LOCK_STALE_MS) rmSync(lockFile, { force: true })
    if (!isAnnounced) console.log('Waiting for another start to finish installing …')
    isAnnounced = true
    await delay(LOCK_POLL_MS)
  }
}

function lockAgeMs() {
  try {
    return Date.now() - statSync(lockFile).mtimeMs
  } catch {
    return 0
  }
}

async function install() {
  console.log('Installing what the lockfile lists (only before the first start and after an update) …')
  // Development packages too, whatever NODE_ENV says, so that every command finds what it needs.
  const options = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error']
  const [command, args] = npmCommand(options)
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], shell: command === 'npm.cmd' })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const stopForwarding = forwardSignals(child)
  const [code, signal] = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (...result) => resolve(result))
  }).catch((error) => fail(`npm cannot be run: ${error.message}`))
  stopForwarding()
  if (signal || code === 130 || code === 143) fail('Installing was interrupted: start again to finish it.', 130)
  if (code !== 0) fail(`${output.trim()}\nInstalling failed: mend what npm says above, then start again.`)
}

// The npm that runs this script, on the Node it runs on: the one in node_modules is about to be replaced.
function npmCommand(options) {
  const { npm_execpath: npm, npm_node_execpath: node } = process.env
  if (npm && basename(npm) === 'npm-cli.js') return [node ?? process.execPath, [npm, ...options]]
  return [process.platform === 'win32' ? 'npm.cmd' : 'npm', options]
}

function run(args) {
  const env = { NODE_COMPILE_CACHE: join(modules, '.cache', 'node'), ...process.env }
  // Becoming the program leaves no parent between it and its signals. Older Nodes and Windows cannot.
  if (process.execve && process.platform !== 'win32') process.execve(nodeProgram, [nodeProgram, ...args], env)
  const child = spawn(nodeProgram, args, { stdio: 'inherit', env })
  const stopForwarding = forwardSignals(child)
  child.once('error', (error) => fail(`${nodeProgram} cannot be run: ${error.message}`))
  child.once('exit', (code, signal) => {
    stopForwarding()
    if (signal) process.kill(process.pid, signal)
    else process.exit(code)
  })
}

// Ctrl-C reaches the child from the terminal as well; programs take two at once for one. A SIGTERM to npm ends the shell
// between it and this process, which passes nothing on.
function forwardSignals(child) {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  const forward = (signal) => child.kill(signal)
  for (const signal of signals) process.on(signal, forward)
  const parent = process.ppid
  const parentCheck = setInterval(() => {
    if (process.env.npm_lifecycle_event === undefined || process.ppid === parent) return
    clearInterval(parentCheck)
    forward('SIGTERM')
  }, PARENT_CHECK_MS)
  return () => {
    clearInterval(parentCheck)
    for (const signal of signals) process.removeListener(signal, forward)
  }
}

function fingerprint() {
  try {
    const { size, mtimeMs } = statSync(nodeProgram)
    return `${size}-${mtimeMs}`
  } catch {
    return 'missing'
  }
}

function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function hash(text) {
  return createHash('sha256').update(text).digest('hex')
}

function fail(message, code = 1) {
  console.error(message)
  process.exit(code)
}
