// Who may import whom. ARCHITECTURE.md says it in words.

import { Visitor } from '@swc/core/Visitor.js'

// The parser knows `using`, the walk over what it parsed does not: it is a declaration like others.
const visitStatement = Visitor.prototype.visitStatement
Visitor.prototype.visitStatement = function (statement) {
  if (statement.type !== 'UsingDeclaration') return visitStatement.call(this, statement)
  statement.decls = this.visitVariableDeclarators(statement.decls)
  return statement
}

const TESTS = '(\\.test\\.ts$|^server/src/testing/)'

/** What `from` may import of server/src: itself and `allowed`; all else there is refused. Tests may import testing/. */
function only(from, allowed, comment) {
  const self = `^server/src/${from}/`
  return [
    {
      name: `${from}-imports`,
      comment,
      severity: 'error',
      from: { path: self, pathNot: TESTS },
      to: { path: '^(server/src|scripts|bench|conformance|examples)/', pathNot: [self, ...allowed] },
    },
  ]
}

const CORE = '^server/src/core/'
const PLATFORM = '^server/src/platform/'
const HTTP = '^server/src/http/'
const CONFIG = '^server/src/config\\.ts$'

export default {
  forbidden: [
    ...only(
      'core',
      [
        '^server/src/platform/(clock|log|network-list)\\.ts$',
        '^server/src/platform/database/(binary-array|database|errors|schema\\.generated)\\.ts$',
        '^server/src/platform/storage/storage\\.ts$',
        '^server/src/platform/crypto/sealer\\.ts$',
        '^server/src/platform/http/outgoing\\.ts$',
      ],
      'The core knows rules, rows and events. Of the platform it uses the clock, the log, lists of networks, the database, and what a store and a client of other servers are.',
    ),
    ...only('platform', [], 'The platform knows nothing of Parlance.'),
    ...only('http', [CORE, PLATFORM, CONFIG], 'What all dialects share of HTTP.'),
    ...only('dialects', [CORE, PLATFORM, HTTP], 'A dialect translates between the core and its callers.'),
    ...only('realtime', [CORE, PLATFORM], 'The sockets follow the event log.'),
    ...only('jobs', [CORE, PLATFORM], 'Jobs run operations of the core.'),
    ...only(
      'providers',
      ['^server/src/core/(ports|errors|deliveries/carrier)\\.ts$', PLATFORM],
      'A provider is an outside service behind one of the core’s ports.',
    ),
    ...only(
      'integrations',
      [CORE, PLATFORM, HTTP, CONFIG, '^server/src/providers/', '^server/src/runtime\\.ts$'],
      'A vendor put together with the core.',
    ),
    {
      name: 'dialects-never-each-other',
      comment: 'What two dialects need belongs in the core or in http/.',
      severity: 'error',
      from: { path: '^server/src/dialects/([^/]+)/' },
      to: { path: '^server/src/dialects/', pathNot: '^server/src/dialects/$1/' },
    },
    {
      name: 'core-knows-no-protocol',
      comment: 'The core does not know that HTTP exists, and does no work outside the database.',
      severity: 'error',
      from: { path: CORE, pathNot: TESTS },
      to: {
        path: ['node_modules/(fastify|@fastify|ws|undici|graphile-worker|pino)/', '^(node:)?https?$', '^(node:)?net$'],
      },
    },
    {
      name: 'only-tests-import-testing',
      severity: 'error',
      from: { path: '^server/src/', pathNot: TESTS },
      to: { path: TESTS },
    },
    {
      name: 'nothing-imports-the-entries',
      comment: 'main.ts runs the program as soon as it is loaded.',
      severity: 'error',
      from: {},
      to: { path: '^server/src/main\\.ts$' },
    },
    {
      name: 'server-stands-alone',
      severity: 'error',
      from: { path: '^server/src/' },
      to: { path: '^(scripts|bench|conformance|examples)/' },
    },
    {
      name: 'conformance-is-black-box',
      comment: 'It speaks to a started server, as its callers do.',
      severity: 'error',
      from: { path: '^conformance/' },
      to: { path: '^server/src/(core|dialects|realtime|http|jobs|providers)/' },
    },
    {
      name: 'sdk-imports-nothing',
      severity: 'error',
      from: { path: '^sdk/src/', pathNot: '\\.test\\.ts$' },
      to: { pathNot: '^sdk/src/' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-dev-packages-in-the-server',
      severity: 'error',
      from: { path: '^server/src/', pathNot: TESTS },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    // The only one of its parsers that reads today's TypeScript.
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
      extensions: ['.ts', '.mjs', '.js', '.json'],
      mainFields: ['module', 'main', 'types'],
    },
  },
}
