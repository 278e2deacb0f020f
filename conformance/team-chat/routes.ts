import { listDescribedRoutes, type Route, spelled } from '../harness/routes.ts'

/** All routes that /openapi/team-chat.json describes, and their other spellings, which it leaves out. */
export async function listRoutes(url: string): Promise<Route[]> {
  const described = await listDescribedRoutes(url, 'team-chat')
  const routes = new Map(described.flatMap((route) => [route, ...spellings(route)]).map((route) => [route.name, route]))
  return [...routes.values()]
}

const ALIASES: Record<string, string> = { '/ws/tickets': '/v1/ws/tickets', '/users': '/users/search' }

function spellings(route: Route): Route[] {
  const { method, path } = route
  return [
    ...(method === 'PUT' && /^\/(users\/me$|workspaces|channels\/\{\w+\}$)/.test(path)
      ? [spelled(route, 'PATCH', path)]
      : []),
    ...(path.includes('/reactions') ? [spelled(route, method, path.replace('/messages/', '/message/'))] : []),
    ...(ALIASES[path] ? [spelled(route, method, ALIASES[path])] : []),
  ]
}
