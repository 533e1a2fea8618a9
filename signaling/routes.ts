/** The participants that this gateway's sessions speak for, and where each of them is: found by participant, room, session and node. */
import type { UserId } from '../protocol/index.ts';
import type { Place, Placement } from './media-nodes.ts';

export interface Route {
  readonly interviewId: string;
  readonly participantId: string;
  readonly userId: UserId;
  readonly sessionId: string;
  readonly at: Placement;
  /** The last event sent on: where to ask from after a break. */
  epoch: number;
  seq: number;
}

/** How a command names a participant and who speaks for it, to the node it is on or to the one that its room moves away from. */
export const addressOf = ({ interviewId, participantId, sessionId, at }: Route, { fence }: Place = at) => ({
  roomId: interviewId,
  fence,
  participantId,
  sessionId,
});

export interface Routes {
  get(participantId: string): Route | undefined;
  set(route: Route): void;
  delete(route: Route): void;
  inRoom(interviewId: string): Route[];
  ofSession(sessionId: string): Route[];
  onNode(nodeId: string): Route[];
}

export const createRoutes = (): Routes => {
  const byId = new Map<string, Route>();
  const byRoom = new Map<string, Set<Route>>();
  const bySession = new Map<string, Set<Route>>();

  const put = (index: Map<string, Set<Route>>, key: string, route: Route): void => {
    const routes = index.get(key) ?? new Set();
    index.set(key, routes.add(route));
  };
  const take = (index: Map<string, Set<Route>>, key: string, route: Route): void => {
    const routes = index.get(key);
    routes?.delete(route);
    if (routes?.size === 0) index.delete(key);
  };
  const remove = (route: Route): void => {
    if (byId.get(route.participantId) !== route) return;
    byId.delete(route.participantId);
    take(byRoom, route.interviewId, route);
    take(bySession, route.sessionId, route);
  };

  return {
    get: (participantId) => byId.get(participantId),
    set(route) {
      const before = byId.get(route.participantId);
      if (before !== undefined) remove(before);
      byId.set(route.participantId, route);
      put(byRoom, route.interviewId, route);
      put(bySession, route.sessionId, route);
    },
    delete: remove,
    inRoom: (interviewId) => [...(byRoom.get(interviewId) ?? [])],
    ofSession: (sessionId) => [...(bySession.get(sessionId) ?? [])],
    onNode: (nodeId) => [...byId.values()].filter(({ at }) => at.nodeId === nodeId),
  };
};
